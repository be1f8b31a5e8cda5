// SPDX-License-Identifier: MIT
#pragma once

#include "common/backend/cuda/launch.hpp"
#include "common/backend/cuda/product.hpp"

namespace cnn::cuda {

/// Tiles of A and B in shared memory, which the threads of a block share and which answers some ten times faster than the memory of
/// the device. The 33rd number of a row is never used: without it the 32 numbers of a column would lie in one memory bank, and a
/// warp that writes a column would wait 32 times. Rows that are written as rows do without it: aligned for float4, four numbers of A
/// can be read at once.
template <Along a_along, Along b_along>
struct SquareTiles {
  static constexpr int side = 32;
  float a[side][a_along == Along::k ? side : side + 1];      ///< [m][k]
  float b[side][b_along == Along::lines ? side : side + 1];  ///< [k][n]
};
/// The tiles for a product P.
template <typename P>
using SquareTilesOf = SquareTiles<decltype(P::a)::along, decltype(P::b)::along>;

/// Second rung: a block of 32 x 32 threads makes a tile of C of that size. In each step every thread loads one number of A and one of
/// B for all; each of them is used 32 times. The first barrier waits until the tiles are complete, the second until all have used
/// them. A step loads 2 * 32² numbers and does 2 * 32³ operations: 8 FLOP per byte loaded.
template <typename P>
__global__ void __launch_bounds__(1024) multiply_tiled(const __grid_constant__ P p) {
  using Tiles = SquareTilesOf<P>;
  constexpr int side = Tiles::side;
  Tiles& tiles = *dynamic_shared<Tiles>();
  const int x = static_cast<int>(threadIdx.x), y = static_cast<int>(threadIdx.y);
  const int first_m = static_cast<int>(blockIdx.y) * side, first_n = static_cast<int>(blockIdx.x) * side;
  // Neighbouring threads load what lies side by side: elements of a line, or neighbouring lines.
  constexpr bool a_along_k = decltype(p.a)::along == Along::k, b_along_k = decltype(p.b)::along == Along::k;
  const int a_line = a_along_k ? y : x, a_k = a_along_k ? x : y;
  const int b_line = b_along_k ? y : x, b_k = b_along_k ? x : y;
  const bool a_exists = first_m + a_line < p.a.lines, b_exists = first_n + b_line < p.b.lines;
  const auto row = p.a.line(a_exists ? first_m + a_line : 0);
  const auto column = p.b.line(b_exists ? first_n + b_line : 0);

  const int slice = static_cast<int>(blockIdx.z);
  const Range range = p.slices.range(slice);
  float sum = 0;
  const auto a_element = [&](int k) { return element(p.a, row, p.a.step(k), a_exists && k < range.last); };
  const auto b_element = [&](int k) { return element(p.b, column, p.b.step(k), b_exists && k < range.last); };
  //! [step]
  for (int k = range.first; k < range.last; k += side) {
    tiles.a[a_line][a_k] = a_element(k + a_k);
    tiles.b[b_k][b_line] = b_element(k + b_k);
    __syncthreads();
    for (int i = 0; i < side; ++i) sum += tiles.a[y][i] * tiles.b[i][x];
    __syncthreads();
  }
  //! [step]
  if (first_m + y < p.a.lines && first_n + x < p.b.lines) p.c.write(slice, first_m + y, first_n + x, sum);
}

/// \param p  a product
template <typename P>
void launch_tiled(const P& p) {
  constexpr int side = SquareTilesOf<P>::side;
  launch(multiply_tiled<P>,
         {.grid = dim3(ceil_div(p.b.lines, side), ceil_div(p.a.lines, side),
                       static_cast<unsigned>(p.slices.count())),
          .block = dim3(side, side),
          .shared_bytes = sizeof(SquareTilesOf<P>)},
         p);
}

}  // namespace cnn::cuda
