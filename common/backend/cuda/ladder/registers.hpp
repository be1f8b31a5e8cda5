// SPDX-License-Identifier: MIT
#pragma once

#include "common/backend/cuda/launch.hpp"
#include "common/backend/cuda/product.hpp"

namespace cnn::cuda {

/// Tiles of A and B that a block shares.
struct WideTiles {
  static constexpr int lines = 128, depth = 8;
  float a[depth][lines];  ///< [k][m]
  float b[depth][lines];  ///< [k][n]
};

/// Loads a tile of an operand, one number after the other.
/// \param tile      [k][line], in shared memory
/// \param operand   A or B
/// \param first     line with which the tile begins
/// \param first_k   k with which the tile begins
/// \param last_k    where k ends
/// \param threads   of the block, who all call this
template <typename Operand>
__device__ void load_tile(float (&tile)[WideTiles::depth][WideTiles::lines], const Operand& operand,
                          int first, int first_k, int last_k, int threads) {
  constexpr int lines = WideTiles::lines, depth = WideTiles::depth;
  for (int i = static_cast<int>(threadIdx.x); i < lines * depth; i += threads) {
    const int line = Operand::along == Along::k ? i / depth : i % lines;
    const int k = Operand::along == Along::k ? i % depth : i / lines;
    const bool exists = first + line < operand.lines && first_k + k < last_k;
    tile[k][line] =
        element(operand, operand.line(exists ? first + line : 0), operand.step(first_k + k), exists);
  }
}

/// Third rung: each of 256 threads makes 8 x 8 elements of C and keeps their sums in registers. For each k it reads 8 numbers of A
/// and 8 of B from shared memory and multiplies each with each: 64 multiplications for 16 reads, where `tiled` has one for two. And
/// the tile of C, 128 x 128, is large: each number that a block loads is used 128 times, 32 FLOP per byte loaded.
template <typename P>
__global__ void __launch_bounds__(256) multiply_registers(const __grid_constant__ P p) {
  constexpr int lines = WideTiles::lines, depth = WideTiles::depth, side = 8;
  WideTiles& tiles = *dynamic_shared<WideTiles>();
  const int x = static_cast<int>(threadIdx.x) % 16 * side, y = static_cast<int>(threadIdx.x) / 16 * side;
  const int first_m = static_cast<int>(blockIdx.y) * lines, first_n = static_cast<int>(blockIdx.x) * lines;
  const int slice = static_cast<int>(blockIdx.z);
  const Range range = p.slices.range(slice);

  float sums[side][side] = {};
  for (int first_k = range.first; first_k < range.last; first_k += depth) {
    load_tile(tiles.a, p.a, first_m, first_k, range.last, 256);
    load_tile(tiles.b, p.b, first_n, first_k, range.last, 256);
    __syncthreads();
#pragma unroll
    for (int k = 0; k < depth; ++k) {
      //! [multiply]
      float a[side], b[side];
#pragma unroll
      for (int i = 0; i < side; ++i) {
        a[i] = tiles.a[k][y + i];
        b[i] = tiles.b[k][x + i];
      }
#pragma unroll
      for (int i = 0; i < side; ++i)
#pragma unroll
        for (int j = 0; j < side; ++j) sums[i][j] += a[i] * b[j];
      //! [multiply]
    }
    __syncthreads();
  }
#pragma unroll
  for (int i = 0; i < side; ++i)
#pragma unroll
    for (int j = 0; j < side; ++j) {
      const int m = first_m + y + i, n = first_n + x + j;
      if (m < p.a.lines && n < p.b.lines) p.c.write(slice, m, n, sums[i][j]);
    }
}

/// \param p  a product
template <typename P>
void launch_registers(const P& p) {
  constexpr int lines = WideTiles::lines;
  launch(multiply_registers<P>,
         {.grid = dim3(ceil_div(p.b.lines, lines), ceil_div(p.a.lines, lines),
                       static_cast<unsigned>(p.slices.count())),
          .block = 256,
          .shared_bytes = sizeof(WideTiles)},
         p);
}

}  // namespace cnn::cuda
