// SPDX-License-Identifier: MIT
#pragma once

#include "common/backend/cuda/ladder/block_tile.hpp"
#include "common/backend/cuda/launch.hpp"

namespace cnn::cuda {

/// Takes a thread's share of a tile from the memory of the device into registers, and from there into shared memory.
template <typename Operand, int lines, int threads, bool quads>
struct RegisterLoader : TileShare<Operand, lines, threads, quads> {
  using Share = TileShare<Operand, lines, threads, quads>;
  int next_k;  ///< of the thread's first element of the next tile: from step to step it is added to, not worked out
  int last_k;  ///< where k ends
  float4 held[Share::groups];

  /// \param operand_  A or B
  /// \param first     line with which the tiles begin
  /// \param range     of k
  __device__ RegisterLoader(const Operand& operand_, int first, Range range)
      : Share(operand_, first), next_k(range.first + Share::k_of(0)), last_k(range.last) {}

  /// Takes the share of the next tile, the first one at first.
  __device__ void fetch() {
#pragma unroll
    for (int group = 0; group < Share::groups; ++group) {
      const int k = next_k + group * Share::k_between;
      if constexpr (Share::quads) {
        const int i = Share::along_k ? group : 0;
        held[group] = elements4(this->operand, this->line[i], this->operand.step(k), k < last_k);
      } else if constexpr (Share::along_k) {
        const auto one = [&](int i) {
          return element(this->operand, this->line[group], this->operand.step(k + i), k + i < last_k);
        };
        held[group] = {one(0), one(1), one(2), one(3)};
      } else {
        const auto step = this->operand.step(k);
        const auto one = [&](int i) { return element(this->operand, this->line[i], step, k < last_k); };
        held[group] = {one(0), one(1), one(2), one(3)};
      }
    }
    next_k += Share::depth;
  }

  /// \param tile  [k][line] in shared memory
  __device__ void store(float* tile) const {
#pragma unroll
    for (int group = 0; group < Share::groups; ++group) {
      const float4 x = held[group];
      float* const to = tile + this->k_of(group) * Share::stride + this->line_of(Share::along_k ? group : 0);
      if constexpr (Share::quads && !Share::along_k) {
        *reinterpret_cast<float4*>(to) = x;
      } else {
        constexpr int step = Share::along_k ? Share::stride : lines / 4;
        to[0] = x.x;
        to[step] = x.y;
        to[2 * step] = x.z;
        to[3 * step] = x.w;
      }
    }
  }
};

/// Fourth rung: the same tiles as `registers`, but every access as wide as the card allows.
///
/// - Four numbers are read from shared memory by one instruction (*float4*), so that 16 multiplications follow each read; and from
///   the memory of the device, where they lie side by side.
/// - Rows of the tiles are *padded* against bank conflicts.
/// - There are two pairs of tiles (*double buffer*): while one is multiplied, the next is on its way into registers, and one
///   barrier for a step is enough.
/// - Lower tiles, of 64 or 32 rows, where C has no more.
///
/// 32 FLOP per byte loaded, as `registers`.
template <int rows, bool quads, typename P>
__global__ void __launch_bounds__(BlockTile<rows>::threads, BlockTile<rows>::blocks)
    multiply_vectors(const __grid_constant__ P p) {
  using Tile = TileOf<rows, quads, P>;
  auto* const stages = dynamic_shared<typename Tile::Stage>();
  const int first_m = static_cast<int>(blockIdx.y) * rows,
            first_n = static_cast<int>(blockIdx.x) * Tile::columns;
  const int slice = static_cast<int>(blockIdx.z);
  const Range range = p.slices.range(slice);
  RegisterLoader<decltype(p.a), rows, Tile::threads, quads> a(p.a, first_m, range);
  RegisterLoader<decltype(p.b), Tile::columns, Tile::threads, quads> b(p.b, first_n, range);
  ThreadTile<Tile> c;

  //! [loop]
  a.fetch();
  b.fetch();
  int now = 0;
  for (int k = range.first; k < range.last; k += Tile::depth, now ^= 1) {
    a.store(stages[now].a);
    b.store(stages[now].b);
    // Who comes here has also multiplied the tiles that the next step overwrites.
    __syncthreads();
    if (k + Tile::depth < range.last) {
      a.fetch();
      b.fetch();
    }
    c.multiply(stages[now]);
  }
  //! [loop]
  c.write(p, slice, first_m, first_n);
}

/// \param p  a product
template <int rows, bool quads, typename P>
void launch_vectors(const P& p) {
  using Tile = TileOf<rows, quads, P>;
  launch(multiply_vectors<rows, quads, P>,
         {.grid = dim3(ceil_div(p.b.lines, Tile::columns), ceil_div(p.a.lines, rows),
                       static_cast<unsigned>(p.slices.count())),
          .block = Tile::threads,
          .shared_bytes = 2 * sizeof(typename Tile::Stage)},
         p);
}

}  // namespace cnn::cuda
