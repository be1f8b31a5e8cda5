// SPDX-License-Identifier: MIT
#pragma once

#include "common/backend/cuda/ladder/block_tile.hpp"
#include "common/backend/cuda/launch.hpp"

namespace cnn::cuda {

/// Takes a thread's share of a tile from the memory of the device into registers, and from there into shared memory.
template <typename Operand, int lines, int threads>
struct RegisterLoader : TileShare<Operand, lines, threads> {
  using Share = TileShare<Operand, lines, threads>;
  using Share::Share;
  float held[Share::numbers];

  /// \param first_k  k with which the tile begins
  /// \param last_k   where k ends
  __device__ void fetch(int first_k, int last_k) {
    if (this->operand.quads) {
#pragma unroll
      for (int quad = 0; quad < Share::numbers / 4; ++quad) {
        const int i = Share::along_k ? quad : 0, k = first_k + this->k_of_quad(quad);
        const float4 x = elements4(this->operand, this->line[i], k, this->present[i] && k < last_k);
        held[quad * 4] = x.x;
        held[quad * 4 + 1] = x.y;
        held[quad * 4 + 2] = x.z;
        held[quad * 4 + 3] = x.w;
      }
      return;
    }
#pragma unroll
    for (int number = 0; number < Share::numbers; ++number) {
      const int i = Share::owner(number), k = first_k + this->k_of(number);
      held[number] = element(this->operand, this->line[i], k, this->present[i] && k < last_k);
    }
  }

  /// \param tile  [k][line] in shared memory
  __device__ void store(float* tile) const {
    if (!Share::along_k && this->operand.quads) {
#pragma unroll
      for (int quad = 0; quad < Share::numbers / 4; ++quad) {
        const float* const x = held + quad * 4;
        float* const to = tile + this->k_of_quad(quad) * Share::stride + this->line_of(0);
        *reinterpret_cast<float4*>(to) = {x[0], x[1], x[2], x[3]};
      }
      return;
    }
#pragma unroll
    for (int number = 0; number < Share::numbers; ++number)
      tile[this->k_of(number) * Share::stride + this->line_of(Share::owner(number))] = held[number];
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
template <int rows, typename P>
__global__ void __launch_bounds__(BlockTile<rows>::threads, 512 / BlockTile<rows>::threads)
    multiply_vectors(P p) {
  using Tile = BlockTile<rows>;
  auto* const stages = dynamic_shared<typename Tile::Stage>();
  const int first_m = static_cast<int>(blockIdx.y) * rows,
            first_n = static_cast<int>(blockIdx.x) * Tile::columns;
  const int slice = static_cast<int>(blockIdx.z);
  const Range range = p.slices.range(slice);
  RegisterLoader<decltype(p.a), rows, Tile::threads> a(p.a, first_m);
  RegisterLoader<decltype(p.b), Tile::columns, Tile::threads> b(p.b, first_n);
  ThreadTile<Tile> c;

  a.fetch(range.first, range.last);
  b.fetch(range.first, range.last);
  int now = 0;
  for (int k = range.first; k < range.last; k += Tile::depth, now ^= 1) {
    a.store(stages[now].a);
    b.store(stages[now].b);
    __syncthreads();  // who comes here has also multiplied the tiles that the next step overwrites
    if (k + Tile::depth < range.last) {
      a.fetch(k + Tile::depth, range.last);
      b.fetch(k + Tile::depth, range.last);
    }
    c.multiply(stages[now]);
  }
  c.write(p, slice, first_m, first_n);
}

/// \param p  a product
template <int rows, typename P>
void launch_vectors(const P& p) {
  using Tile = BlockTile<rows>;
  launch(multiply_vectors<rows, P>,
         {.grid = dim3(ceil_div(p.b.lines, Tile::columns), ceil_div(p.a.lines, rows),
                       static_cast<unsigned>(p.slices.count())),
          .block = Tile::threads,
          .shared_bytes = 2 * sizeof(typename Tile::Stage)},
         p);
}

}  // namespace cnn::cuda
