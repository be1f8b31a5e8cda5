// SPDX-License-Identifier: MIT
/// \file
/// What the rungs `vectors` and `async` have in common: which thread loads, multiplies and writes what.
#pragma once

#include "common/backend/cuda/product.hpp"

namespace cnn::cuda {

/// \return numbers at the end of a row of a tile that nobody uses. With them a warp's 32 writes go to 32 different banks: the elements
/// k and k + 4 of 16 lines if neighbours lie along k, else as many k as the quarters of a low tile need to fill a warp. And rows stay
/// aligned for float4.
template <typename Operand, int lines, bool quads>
constexpr int padding_of() {
  const bool by_quarters = Operand::along == Along::lines && !(quads && Operand::can_be_quads);
  return by_quarters && lines < 128 ? lines / 4 : 4;
}

/// A block makes `rows_` x 128 elements of C, a thread 8 x 8 of them.
template <int rows_, int a_padding = 4>
struct BlockTile {
  static constexpr int rows = rows_, columns = 128, depth = 8;
  static constexpr int threads = rows * columns / 64;
  /// As many blocks at least are to fit on a multiprocessor: a thread may have 128 of its 64 Ki registers, or 170 with lower tiles,
  /// of which a thread loads more numbers.
  static constexpr int blocks = rows == 128 ? 2 : 384 / threads;
  static constexpr int a_stride = rows + a_padding, b_stride = columns + 4;

  /// What one step in k needs, in shared memory.
  struct alignas(16) Stage {
    float a[depth * a_stride];  ///< [k][m]
    float b[depth * b_stride];  ///< [k][n]
  };
};

/// The tile of a block that makes a product P.
template <int rows, bool quads, typename P>
using TileOf = BlockTile<rows, padding_of<decltype(P::a), rows, quads>()>;

/// Which elements of a tile a thread loads. They are of the same lines in all steps, so that it works out only once where they are.
/// In the place of a line that does not exist it loads line 0: what is made of it is not written, and the loop has less to ask.
///
/// - `quads`: four neighbours at once, along k or of four lines.
/// - Else, along k: four neighbours of a line, one by one.
/// - Else: of four lines, each from another quarter of the tile. So a warp loads neighbouring lines, and a thread has one k, whose
///   place in the windows of an image is worked out once for all four.
template <typename Operand, int lines, int threads, bool quads_>
struct TileShare {
  static constexpr int depth = 8, stride = lines + padding_of<Operand, lines, quads_>();
  static constexpr bool quads = quads_ && Operand::can_be_quads;
  static constexpr bool along_k = Operand::along == Along::k;
  static constexpr int groups = lines * depth / threads / 4;  ///< of four elements, that a thread loads
  /// Along k, each group is of another line. Else all are of the same: one if they are quads, four if not.
  static constexpr int own_lines = along_k ? groups : (quads ? 1 : 4);
  static constexpr int k_between = along_k ? 0 : threads / (lines / 4);  ///< from a group to the next one
  static_assert(threads % (lines / 4) == 0);

  const Operand& operand;
  typename Operand::Line line[own_lines];

  /// \param operand_  A or B
  /// \param first     line with which the tile begins
  __device__ TileShare(const Operand& operand_, int first) : operand(operand_) {
#pragma unroll
    for (int i = 0; i < own_lines; ++i) {
      const int number = first + line_of(i);
      line[i] = operand.line(number < operand.lines ? number : 0);
    }
  }

  /// \param i  one of its lines
  /// \return   its number in the tile
  __device__ static int line_of(int i) {
    const int thread = static_cast<int>(threadIdx.x);
    if (along_k) return (thread + i * threads) / 2;
    return quads ? thread % (lines / 4) * 4 : thread % (lines / 4) + i * (lines / 4);
  }
  /// \param group  one of its groups
  /// \return       k of the first element, from the begin of the tile
  __device__ static int k_of(int group) {
    const int thread = static_cast<int>(threadIdx.x);
    return (along_k ? thread % 2 * 4 : thread / (lines / 4)) + group * k_between;
  }
};

/// The 8 x 8 elements of C that a thread makes: rows y ... y + 3 and as many half a tile below, columns likewise. So the 32 threads
/// of a warp, 4 x 8, read 16 and 32 numbers that lie side by side, and no bank of the shared memory is asked twice.
template <typename Tile>
struct ThreadTile {
  int y, x;
  float sums[8][8] = {};

  __device__ ThreadTile() {
    const int warp = static_cast<int>(threadIdx.x) / 32, lane = static_cast<int>(threadIdx.x) % 32;
    y = (warp / 2 * 4 + lane / 8) * 4;
    x = (warp % 2 * 8 + lane % 8) * 4;
  }

  /// \param i     row or column of the thread's
  /// \param size  rows or columns of a tile
  /// \return      how far it is from y or x in a tile of `size`
  __device__ static constexpr int offset(int i, int size) { return i < 4 ? i : size / 2 + i - 4; }

  /// \param at  the first of four neighbours, aligned
  /// \return    all four
  __device__ static float4 read(const float* at) { return *reinterpret_cast<const float4*>(at); }

  /// For each k four reads of 128 bits and 64 multiplications: 16 for a read.
  /// \param stage  tiles of A and B
  //! [multiply]
  __device__ void multiply(const typename Tile::Stage& stage) {
#pragma unroll
    for (int k = 0; k < Tile::depth; ++k) {
      const float* const row = stage.a + k * Tile::a_stride + y;
      const float* const column = stage.b + k * Tile::b_stride + x;
      const float4 a0 = read(row), a1 = read(row + Tile::rows / 2);
      const float4 b0 = read(column), b1 = read(column + Tile::columns / 2);
      const float a[8] = {a0.x, a0.y, a0.z, a0.w, a1.x, a1.y, a1.z, a1.w};
      const float b[8] = {b0.x, b0.y, b0.z, b0.w, b1.x, b1.y, b1.z, b1.w};
#pragma unroll
      for (int i = 0; i < 8; ++i)
#pragma unroll
        for (int j = 0; j < 8; ++j) sums[i][j] += a[i] * b[j];
    }
  }
  //! [multiply]

  /// \param p        the product
  /// \param slice    of k
  /// \param first_m  row with which the block's tile begins
  /// \param first_n  column with which it begins
  template <typename P>
  __device__ void write(const P& p, int slice, int first_m, int first_n) const {
#pragma unroll
    for (int i = 0; i < 8; ++i) {
      const int m = first_m + y + offset(i, Tile::rows);
      if (m >= p.a.lines) continue;
#pragma unroll
      for (int j = 0; j < 8; j += 4) {
        const int n = first_n + x + offset(j, Tile::columns);
        const float* const s = sums[i] + j;
        if (p.c.quads && n < p.b.lines) {  // as many columns as a multiple of four
          p.c.write4(slice, m, n, {s[0], s[1], s[2], s[3]});
          continue;
        }
#pragma unroll
        for (int q = 0; q < 4; ++q)
          if (n + q < p.b.lines) p.c.write(slice, m, n + q, s[q]);
      }
    }
  }
};

}  // namespace cnn::cuda
