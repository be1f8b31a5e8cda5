// SPDX-License-Identifier: MIT
#pragma once

#include "common/core/shape.hpp"

namespace cnn::simd {

/// Neighbours in memory that become neighbours in a row of a panel. Their places are those of the first row.
struct Run {
  Index to;      ///< from the start of the first panel
  Index offset;  ///< in memory, from the row's own
  Index length;  ///< floats
};

/// What panels are filled from: row d of all of them from data + offsets[d], as the runs say.
struct PanelSource {
  const float* data;
  const Index* offsets;  ///< one for each row of a panel
  Index depth;           ///< rows of a panel
  const Run* runs;       ///< in the order of the columns
  Index run_count;
  bool has_slack;  ///< a register may be read and written behind the end of each run
};

/// Some output pixels of a convolution, of one row and a few channels.
struct CorrelationTile {
  float* y;              ///< first pixel of the first channel
  Index y_stride;        ///< floats from one channel to the next
  Index rows;            ///< channels that exist
  const float* a;        ///< kernels [depth, GemmKernels::rows]
  const float* next;     ///< those of the next tile, of which a taller tile takes the first two channels
  const float* x;        ///< where the first window begins
  const Index* offsets;  ///< of each tap from there
  Index depth;           ///< taps
  const float* bias;     ///< of the channels that exist; may be null
  float least;           ///< what is below becomes this: 0, or minus infinity
};

/// The innermost loops of every product of matrices, see gemm_kernels.hpp.
struct GemmKernels {
  static constexpr Index most_vectors = 3;  ///< registers across any tile
  static constexpr Index more_rows = 2;     ///< of a taller tile
  Index rows;                               ///< of a tile of the result
  Index columns;                            ///< of a tile of the result, a multiple of the register width
  Index vectors;                            ///< registers across a tile
  /// c[rows, columns] = (adds ? c : 0) + a^T b with the panels a[depth, rows] and b[depth, columns]; c's rows lie `stride`
  /// elements apart.
  void (*multiply_tile)(float* c, Index stride, const float* a, const float* b, Index depth, bool adds);
  /// c[rows, columns] = a^T b, summed for each shard of the depth and joined in pairs, see shards.hpp. Shard k has depths[k] rows
  /// of the panels; there are 1, 2, 4 or 8.
  void (*multiply_tile_by_shards)(float* c, Index stride, const float* a, const float* b, const Index* depths,
                                  Index shards);
  /// A tile of `columns` output pixels of one row, straight from the image: y[rows, columns] = max(bias + sum_k a[k, rows]
  /// x[offsets[k], columns], least). Function v takes (v + 1) registers of pixels.
  void (*correlate_tile[most_vectors])(const CorrelationTile& t);
  /// The same for two more rows and fewer registers, where another tile would be mostly empty.
  void (*correlate_taller[most_vectors - 1])(const CorrelationTile& t);
  /// c[rows, vectors] = products of the rows a[i][depth] and b[j][depth].
  void (*multiply_rows)(float* c, const float* const* a, const float* const* b, Index depth);
  /// Panels [depth, columns], one after the other, are filled with copies of runs of memory.
  void (*pack_panels)(float* panels, Index columns, const PanelSource& from);
};

/// The transforms of one kind of Winograd tile, see winograd_tile.hpp. All arrays hold numbers in groups of a register's width,
/// one number a channel; "point k" of tile i is group k * point_stride + i, strides being counted in floats.
struct WinogradTile {
  Index output;  ///< rows and columns of the result that a tile makes
  Index kernel;  ///< r, rows and columns of the kernel
  Index step;    ///< pixels of the image from one tile to the next
  Index window;  ///< rows and columns of the image that a tile reads
  Index points;  ///< t, along each axis
  /// B^T d B of rows x columns tiles that begin `step` pixels apart in an image of `pitch` pixels a row.
  void (*input)(float* v, Index point_stride, const float* image, Index pitch, Index rows, Index columns);
  /// A y A^T of rows x columns tiles of output x output gradients.
  void (*gradient)(float* v, Index point_stride, const float* image, Index pitch, Index rows, Index columns);
  /// A^T v A, into rows x columns tiles of output x output results.
  void (*output_of)(float* image, Index pitch, const float* v, Index point_stride, Index rows, Index columns);
  /// G g G^T of `count` kernels, the results `step` apart; tap_step is the width, or minus that (and g the last tap) for kernels
  /// flipped along both axes.
  void (*kernel_points)(float* u, Index point_stride, Index step, const float* g, Index tap_step,
                        Index count);
  /// G^T u G, `count` kernels of r x r gradients.
  void (*kernel_gradient)(float* g, const float* u, Index point_stride, Index count);
};

/// A product of matrices whose columns are channels, in groups of a register's width: c[i] (+)= sum_k a[i][k] b[k].
struct ChannelProduct {
  float* c;        ///< group j of row i is at j * c_group + i * width
  Index c_group;   ///< floats from one group to the next
  const float* a;  ///< a[i][k] is at k / width * a_group + i * width + k % width
  Index a_group;   ///< floats from a[i][k] to a[i][k + width]
  const float* b;  ///< group j of row k is at k * b_row + j * b_group
  Index b_row;     ///< floats from one row to the next
  Index b_group;   ///< floats from one group to the next
  Index rows;      ///< of c, rounded up to a whole number of blocks by the kernel
  Index depth;     ///< of the sum
  bool adds;       ///< to what c holds
};

/// A sum over pixels: c[i] (+)= sum_q a[q][i] b[q], with a number of a for each of `width` channels, and a few registers of b.
struct PixelProduct {
  float* c;                        ///< register j of row i is at j * c_group + i * width
  Index c_group;                   ///< floats from one register to the next
  const float* a;                  ///< [images, rows, columns, width]
  const float* b;                  ///< register j at the first pixel is at j * b_group
  Index b_group;                   ///< floats from one register to the next
  Index b_image, b_row, b_column;  ///< floats from one image, row, pixel to the next
  Index images, rows, columns;     ///< pixels
  bool adds;                       ///< to what c holds
};

/// Images with their channels innermost.
struct ChannelKernels {
  /// Groups of columns that a product may take at once: 1 ... groups.
  static constexpr Index groups = 3;
  /// to[pixel][lane] = from[lane * stride + pixel], 0 for lanes from `lanes` on. A row of `to` has room for `pitch` pixels, of
  /// which `columns` are written.
  void (*to_lanes)(float* to, Index pitch, Index columns, const float* from, Index stride, Index lanes,
                   Index pixels);
  /// The way back, made max(number + bias[lane], least).
  void (*from_lanes)(float* to, Index stride, Index lanes, const float* from, Index pitch, Index columns,
                     Index pixels, const float* bias, float least);
  /// As to_lanes(), but pixel k goes to to + places[k].
  void (*to_places)(float* to, const Index* places, const float* from, Index stride, Index lanes,
                    Index pixels);
  /// x[pixel][lane] = max(x[pixel][lane] * scale[lane] + shift[lane], least).
  void (*scale_pixels)(float* x, Index pixels, const float* scale, const float* shift, float least);
  /// With one register of b to `groups` of them.
  void (*multiply[groups])(const ChannelProduct& p);
  /// With one register of b to `groups` of them.
  void (*sum_products[groups])(const PixelProduct& p);
  /// sums[lane] += the sum of from[pixel][lane].
  void (*add_pixels)(float* sums, const float* from, Index pixels);
};

/// Everything that is compiled once for each instruction set.
struct Kernels {
  Index width;  ///< floats in a register
  GemmKernels gemm;
  ChannelKernels channels;
  WinogradTile winograd_2x3;  ///< F(2x2, 3x3)
  WinogradTile winograd_4x3;  ///< F(4x4, 3x3)
  WinogradTile winograd_6x3;  ///< F(6x6, 3x3)
  WinogradTile winograd_4x5;  ///< F(4x4, 5x5)
  WinogradTile strided_3x3;   ///< F(3x3, 3x3) for stride 2, see winograd_strided_kernels.hpp
  WinogradTile flipped_3x3;   ///< its gradient with respect to the input, for a padding of 1
};

/// \return the kernels of the instruction set in use, see use_simd_level()
const Kernels& kernels();

/// For any CPU of the architecture. \return the kernels
const Kernels& portable_kernels();
/// For AVX2 with fused multiply-add. \return the kernels
const Kernels& avx2_kernels();
/// For AVX-512 (F, CD, DQ, BW, VL). \return the kernels
const Kernels& avx512_kernels();

}  // namespace cnn::simd
