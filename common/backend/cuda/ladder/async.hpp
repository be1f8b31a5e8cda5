// SPDX-License-Identifier: MIT
#pragma once

#include <cuda_pipeline.h>

#include "common/backend/cuda/ladder/block_tile.hpp"
#include "common/backend/cuda/launch.hpp"

namespace cnn::cuda {

/// Has a thread's share of a tile copied from the memory of the device to shared memory, past the registers.
template <typename Operand, int lines, int threads, bool quads>
struct AsyncLoader : TileShare<Operand, lines, threads, quads> {
  using Share = TileShare<Operand, lines, threads, quads>;
  using Share::Share;

  /// \param tile     [k][line] in shared memory
  /// \param first_k  k with which the tile begins
  /// \param last_k   where k ends
  __device__ void start(float* tile, int first_k, int last_k) {
#pragma unroll
    for (int group = 0; group < Share::groups; ++group) {
      const int k = this->k_of(group);
      float* const to = tile + k * Share::stride + this->line_of(Share::along_k ? group : 0);
      if constexpr (Share::along_k) {  // neighbours along k do not stay neighbours
#pragma unroll
        for (int i = 0; i < 4; ++i)
          copy<float>(to + i * Share::stride, group, this->operand.step(first_k + k + i),
                      first_k + k + i < last_k);
      } else {
        const auto step = this->operand.step(first_k + k);
        if constexpr (Share::quads) {
          copy<float4>(to, 0, step, first_k + k < last_k);
        } else {
#pragma unroll
          for (int i = 0; i < 4; ++i) copy<float>(to + i * (lines / 4), i, step, first_k + k < last_k);
        }
      }
    }
  }

 private:
  /// Copies an element of one of the thread's lines, or four.
  template <typename T>
  __device__ void copy(float* to, int i, const typename Operand::Step& step, bool exists) const {
    if (exists && this->operand.has(this->line[i], step))
      __pipeline_memcpy_async(to, this->operand.at(this->line[i], step), sizeof(T));
    else
      *reinterpret_cast<T*>(to) = T{};
  }
};

/// Fifth rung: as `vectors`, but what is loaded does not pass through registers. A thread only starts copies (`cp.async`, from
/// compute capability 8.0 on; before, the same code loads and stores), and goes on. Copies are made in groups, one for each step
/// in k, and three groups are on their way while a fourth is multiplied: enough to bridge the memory's latency. The barrier
/// lets a thread see what the others have copied. 32 FLOP per byte loaded.
template <int rows, bool quads, typename P>
__global__ void __launch_bounds__(BlockTile<rows>::threads, BlockTile<rows>::blocks)
    multiply_async(const __grid_constant__ P p) {
  using Tile = TileOf<rows, quads, P>;
  constexpr int stage_count = 4;
  auto* const stages = dynamic_shared<typename Tile::Stage>();
  const int first_m = static_cast<int>(blockIdx.y) * rows,
            first_n = static_cast<int>(blockIdx.x) * Tile::columns;
  const int slice = static_cast<int>(blockIdx.z);
  const Range range = p.slices.range(slice);
  AsyncLoader<decltype(p.a), rows, Tile::threads, quads> a(p.a, first_m);
  AsyncLoader<decltype(p.b), Tile::columns, Tile::threads, quads> b(p.b, first_n);
  ThreadTile<Tile> c;

  //! [loop]
  const auto start = [&](int k, int stage) {
    if (k < range.last) {
      a.start(stages[stage].a, k, range.last);
      b.start(stages[stage].b, k, range.last);
    }
    __pipeline_commit();  // an empty group at the end: each step waits for one
  };
  for (int i = 0; i < stage_count - 1; ++i) start(range.first + i * Tile::depth, i);
  int now = 0;
  for (int k = range.first; k < range.last; k += Tile::depth) {
    // This thread's copies have arrived, then all; the last step's tiles are free.
    __pipeline_wait_prior(stage_count - 2);
    __syncthreads();
    start(k + (stage_count - 1) * Tile::depth, (now + stage_count - 1) % stage_count);
    c.multiply(stages[now]);
    now = (now + 1) % stage_count;
  }
  //! [loop]
  c.write(p, slice, first_m, first_n);
}

/// \param p  a product whose operands are numbers as they lie in memory
template <int rows, bool quads, typename P>
void launch_async(const P& p) {
  using Tile = TileOf<rows, quads, P>;
  launch(multiply_async<rows, quads, P>,
         {.grid = dim3(ceil_div(p.b.lines, Tile::columns), ceil_div(p.a.lines, rows),
                       static_cast<unsigned>(p.slices.count())),
          .block = Tile::threads,
          .shared_bytes = 4 * sizeof(typename Tile::Stage)},
         p);
}

}  // namespace cnn::cuda
