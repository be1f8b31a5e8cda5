// SPDX-License-Identifier: MIT
/// \file
/// Kernels for products with few rows or columns, as the first layers of networks have: of a tile of 32 x 128 that makes the gradient
/// of six 5 x 5 kernels, 150 elements are used. `auto` picks these where they suit, see multiply.hpp.
#pragma once

#include "common/backend/cuda/launch.hpp"
#include "common/backend/cuda/product.hpp"

namespace cnn::cuda {

/// What a block of multiply_narrow() shares.
template <typename Step>
struct NarrowTile {
  static constexpr int rows = 8, depth = 16, threads = rows * depth, columns_of_thread = 2;
  alignas(16) float a[depth][rows];  ///< [k][m]
  Step steps[depth];  ///< where elements k of B are: to work it out once for the block is enough
};

/// At most 8 rows: a thread makes all of them for two columns, a *direct* convolution. Each element of B is loaded by the one thread
/// that needs it, and only A comes from shared memory, the same eight numbers for all threads: one access each (*broadcast*). The
/// products of an element are added in the order of the ladder, so that it gives the same bits.
template <typename P>
__global__ void __launch_bounds__(128) multiply_narrow(const __grid_constant__ P p) {
  using B = decltype(p.b);
  using Tile = NarrowTile<typename B::Step>;
  Tile& tile = *dynamic_shared<Tile>();
  const int thread = static_cast<int>(threadIdx.x), slice = static_cast<int>(blockIdx.z);
  const Range range = p.slices.range(slice);
  const int first_n = static_cast<int>(blockIdx.x) * Tile::threads * Tile::columns_of_thread + thread;
  const int second_n = first_n + Tile::threads;
  const bool has_first = first_n < p.b.lines, has_second = second_n < p.b.lines;
  const auto first = p.b.line(has_first ? first_n : 0), second = p.b.line(has_second ? second_n : 0);
  constexpr bool along_k = decltype(p.a)::along == Along::k;
  const int own_m = along_k ? thread / Tile::depth : thread % Tile::rows;
  const int own_k = along_k ? thread % Tile::depth : thread / Tile::rows;
  const auto own_row = p.a.line(own_m < p.a.lines ? own_m : 0);

  float sums[Tile::rows][2] = {};
  for (int k = range.first; k < range.last; k += Tile::depth) {
    tile.a[own_k][own_m] =
        element(p.a, own_row, p.a.step(k + own_k), own_m < p.a.lines && k + own_k < range.last);
    if (thread < Tile::depth) tile.steps[thread] = p.b.step(k + thread);
    __syncthreads();
#pragma unroll 4
    for (int i = 0; i < Tile::depth; ++i) {
      const bool exists = k + i < range.last;
      const float b0 = element(p.b, first, tile.steps[i], exists && has_first);
      const float b1 = element(p.b, second, tile.steps[i], exists && has_second);
#pragma unroll
      for (int m = 0; m < Tile::rows; ++m) {
        sums[m][0] += tile.a[i][m] * b0;
        sums[m][1] += tile.a[i][m] * b1;
      }
    }
    __syncthreads();
  }
#pragma unroll
  for (int m = 0; m < Tile::rows; ++m) {
    if (m >= p.a.lines) break;
    if (has_first) p.c.write(slice, m, first_n, sums[m][0]);
    if (has_second) p.c.write(slice, m, second_n, sums[m][1]);
  }
}

/// \param p  a product of at most 8 rows
template <typename P>
void launch_narrow(const P& p) {
  using Tile = NarrowTile<typename decltype(p.b)::Step>;
  launch(multiply_narrow<P>,
         {.grid = dim3(ceil_div(p.b.lines, Tile::threads * Tile::columns_of_thread), 1,
                       static_cast<unsigned>(p.slices.count())),
          .block = Tile::threads,
          .shared_bytes = sizeof(Tile)},
         p);
}

/// What a block of multiply_narrow_sums() shares.
struct NarrowSums {
  static constexpr int rows = 8, columns = 32, depth = 32, warps = 8, threads = 32 * warps;
  alignas(16) float a[depth][rows + 4];  ///< [k][m], padded against bank conflicts, aligned for float4
  float b[columns][depth + 1];           ///< [n][k], padded
  float parts[warps][rows][columns];     ///< sums of the warps
};

/// Few rows or columns and long sums, those over the pixels of a batch: a block makes 8 x 32 elements, a thread the eight of one
/// column. Each warp sums every eighth product; at the end the sums of the warps are added one after the other. Neighbouring threads
/// load neighbouring pixels. The order differs from the ladder's, and depends on where a slice begins and ends, as there.
template <typename P>
__global__ void __launch_bounds__(256) multiply_narrow_sums(const __grid_constant__ P p) {
  using Tile = NarrowSums;
  Tile& tile = *dynamic_shared<Tile>();
  const int warp = static_cast<int>(threadIdx.x) / 32, lane = static_cast<int>(threadIdx.x) % 32;
  const int first_m = static_cast<int>(blockIdx.y) * Tile::rows,
            first_n = static_cast<int>(blockIdx.x) * Tile::columns;
  const int slice = static_cast<int>(blockIdx.z);
  const Range range = p.slices.range(slice);
  const bool has_row = first_m + warp < p.a.lines;
  const auto row = p.a.line(has_row ? first_m + warp : 0);
  const auto number = [&](int i) { return first_n + warp + i * Tile::warps; };
  const auto line = [&](int i) { return p.b.line(number(i) < p.b.lines ? number(i) : 0); };
  const typename decltype(p.b)::Line lines[4] = {line(0), line(1), line(2), line(3)};

  float sums[Tile::rows] = {};
  for (int k = range.first; k < range.last; k += Tile::depth) {
    const bool exists = k + lane < range.last;
    tile.a[lane][warp] = element(p.a, row, p.a.step(k + lane), exists && has_row);
    const auto step = p.b.step(k + lane);
#pragma unroll
    for (int i = 0; i < 4; ++i)
      tile.b[warp + i * Tile::warps][lane] = element(p.b, lines[i], step, exists && number(i) < p.b.lines);
    __syncthreads();
#pragma unroll
    for (int i = warp; i < Tile::depth; i += Tile::warps) {
      const float b = tile.b[lane][i];
#pragma unroll
      for (int m = 0; m < Tile::rows; ++m) sums[m] += tile.a[i][m] * b;
    }
    __syncthreads();
  }
#pragma unroll
  for (int m = 0; m < Tile::rows; ++m) tile.parts[warp][m][lane] = sums[m];
  __syncthreads();
  float sum = 0;
#pragma unroll
  for (int part = 0; part < Tile::warps; ++part) sum += tile.parts[part][warp][lane];
  if (has_row && first_n + lane < p.b.lines) p.c.write(slice, first_m + warp, first_n + lane, sum);
}

/// \param p  a product
template <typename P>
void launch_narrow_sums(const P& p) {
  using Tile = NarrowSums;
  launch(multiply_narrow_sums<P>,
         {.grid = dim3(ceil_div(p.b.lines, Tile::columns), ceil_div(p.a.lines, Tile::rows),
                       static_cast<unsigned>(p.slices.count())),
          .block = Tile::threads,
          .shared_bytes = sizeof(Tile)},
         p);
}

}  // namespace cnn::cuda
