// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>

#include "common/backend/conv_sizes.hpp"
#include "common/backend/simd/gemm.hpp"
#include "common/backend/simd/kernels.hpp"

namespace cnn::simd {

/// \param floats  numbers in a tensor
/// \return        numbers that its block of memory has room for
inline Index block_floats(Index floats) {
  return storage_bytes(floats * size_of(DType::f32)) / size_of(DType::f32);
}

/// Images that are cut into tiles.
struct TiledImages {
  const float* data;                   ///< first image
  Index image_stride;                  ///< floats from one image to the next
  Index channels, h, w;                ///< of an image
  Index padding_h, padding_w;          ///< zeros above and to the left
  Index step;                          ///< pixels from one tile to the next
  Index window;                        ///< pixels a tile reads along each axis
  const Prologue* prologue = nullptr;  ///< what happens to the pixels while they are copied; null for nothing
};

/// How the outputs of a batch are covered with tiles. Tiles are counted row by row, image by image.
struct TileGrid {
  Index rows, columns;  ///< tiles of an image
  Index images;         ///< of the batch

  /// \return rows of tiles of all images
  Index all_rows() const { return images * rows; }
};

/// Numbers of tiles at their points, as WinogradTile and ChannelKernels want them: group g of channels of tile i at point k is at
/// k * point_stride + (g * tiles + i) * width.
struct Points {
  static constexpr Index slack = 16;  ///< floats between two points

  Tensor memory;       ///< all numbers
  Index tiles;         ///< room for so many, a multiple of the width
  Index groups;        ///< of channels
  Index point_stride;  ///< floats from one point to the next

  /// \param tile      kind of tile
  /// \param channels  numbers a tile has at each point
  /// \param count     tiles
  Points(const WinogradTile& tile, Index channels, Index count);
  /// \param tile,channels,count  as for the constructor
  /// \return                      floats of the memory
  static Index floats(const WinogradTile& tile, Index channels, Index count);
  /// \param point  number of a point
  /// \param group  number of a group of channels
  /// \return       the first tile
  float* at(Index point, Index group) {
    return memory.data() + point * point_stride + group * tiles * kernels().width;
  }
};

/// Rows of tiles of one image.
struct TileRows {
  Index image;  ///< number of the image
  Index first;  ///< first row
  Index count;  ///< rows
  Index tile;   ///< number of the first tile, counted from the first one of the piece of work

  /// Cuts rows first ... last - 1 of all images where one image ends and the next begins.
  /// \param first,last  rows, those of all images counted on
  /// \param grid        all tiles
  /// \param work        called with the TileRows of each image
  template <typename Work>
  static void for_each(Index first, Index last, const TileGrid& grid, const Work& work) {
    Index tile = 0;
    while (first < last) {
      const Index row = first % grid.rows;
      const Index count = std::min(last - first, grid.rows - row);
      work(TileRows{first / grid.rows, row, count, tile});
      first += count;
      tile += count * grid.columns;
    }
  }
};

/// \param tile  kind of tile
/// \param s     sizes
/// \return      time of a pass over one image with such tiles, in multiply-adds of a product of matrices at full speed. It does
///              not depend on how many images there are, so that no image's numbers do
double winograd_cost(const WinogradTile& tile, const ConvSizes& s);

/// \param s  sizes
/// \return   time of a pass over one image that multiplies every output pixel by every tap, in the same unit
double direct_cost(const ConvSizes& s);

/// \param s  sizes of a convolution whose kernels are kept
/// \return   time of few_pixels_conv2d() for one image, in the same unit
double few_pixels_cost(const ConvSizes& s);

/// \param s  sizes of a convolution
/// \return   whether few_pixels_conv2d() is the fastest way: only where the kernels are kept
bool few_pixels_pay(const ConvSizes& s);

/// \param s  sizes of a convolution
/// \return   the kind of tile of the least cost; null if there is none for this kernel, stride and padding
const WinogradTile* best_tile(const ConvSizes& s);

/// \param s  sizes of a convolution
/// \return   the same for its gradient with respect to the input
const WinogradTile* best_flipped_tile(const ConvSizes& s);

/// \param s  sizes of a convolution
/// \return   sizes of the pass that makes grad_x from grad_y: with stride 1, a convolution with the flipped kernels; with stride 2
///           and padding 1, its tiles begin where the image does
ConvSizes backward_sizes(const ConvSizes& s);

/// \param tile  kind of tile
/// \param s     sizes
/// \return      the tiles of s.n images of s.oh x s.ow outputs
TileGrid tile_grid(const WinogradTile& tile, const ConvSizes& s);

/// \param tile  kind of tile
/// \param grid  all tiles
/// \param rows  rows of tiles of one image, at most
/// \return      floats that tiles_to_points() takes for them
Index tiles_scratch(const WinogradTile& tile, const TileGrid& grid, Index rows);

/// Does what a prologue says to rows of pixels of some channels, of a register each.
/// \param prologue  says what
/// \param channels  of the register, no more than its width
/// \param pixels    changed, [rows, pitch, width]
/// \param pitch     pixels from one row to the next
/// \param columns   pixels of a row that are changed
/// \param rows      number of rows
void scale(const Prologue& prologue, Range channels, float* pixels, Index pitch, Index columns, Index rows);

/// Writes the points of rows of tiles.
/// \param points     written
/// \param groups     of channels
/// \param transform  WinogradTile::input or gradient
/// \param rows       which tiles
/// \param x          their images
/// \param grid       all tiles
void tiles_to_points(Points& points, Range groups, decltype(WinogradTile::input) transform,
                     const TileRows& rows, const TiledImages& x, const TileGrid& grid);

}  // namespace cnn::simd
