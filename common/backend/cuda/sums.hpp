// SPDX-License-Identifier: MIT
#pragma once

#include "common/backend/cuda/launch.hpp"
#include "common/backend/shards.hpp"

namespace cnn::cuda {

/// Shards as kernels see them: shard k has the images begin[k] ... begin[k + 1] - 1 of the tensor.
struct ShardTable {
  int count;                   ///< 1, 2, 4 or 8
  int begin[shard_count + 1];  ///< count + 1 of them are used

  /// \param shards  of a batch
  explicit ShardTable(const Shards& shards) : count(static_cast<int>(shards.count())), begin{} {
    for (int k = 0; k <= count; ++k) begin[k] = static_cast<int>(shards.begin(k));
  }
};

/// Joins sums in pairs, as join_in_pairs() does.
/// \param sums   of `count` shards, overwritten
/// \param count  1, 2, 4 or 8
/// \return       ((0 + 1) + (2 + 3)) + ((4 + 5) + (6 + 7))
template <typename T>
__device__ T join_shards(T (&sums)[shard_count], int count) {
  for (int step = 1; step < count; step *= 2)
    for (int k = 0; k < count; k += 2 * step) sums[k] += sums[k + step];
  return sums[0];
}

/// \param x  a number
/// \return   whether it is neither infinite nor NaN
__device__ inline bool is_finite(float x) { return __fsub_rn(x, x) == 0; }

/// A sum of floats with about the digits of a double: what each addition rounds off is added to the next number (Kahan). A sum that is
/// infinite stays so: nothing is rounded off it.
struct CompensatedSum {
  float sum = 0;   ///< rounded
  float lost = 0;  ///< what is missing in it

  /// \param x  added to the sum
  __device__ void add(float x) {
    const float wanted = __fsub_rn(x, lost);
    const float next = __fadd_rn(sum, wanted);
    lost = is_finite(next) ? __fsub_rn(__fsub_rn(next, sum), wanted) : 0.0F;
    sum = next;
  }
  /// \return the sum with all its digits
  __device__ double value() const { return double{sum} - double{lost}; }
};

/// Adds up one number of each thread of a block, in a fixed order: within warps by shuffles, then over warps.
/// \param x        the thread's number
/// \param partial  shared memory, one number for each warp; free for reuse after the next barrier
/// \return         the sum, in thread 0
__device__ inline double block_sum(double x, double (&partial)[32]) {
  for (unsigned offset = 16; offset > 0; offset /= 2) x += __shfl_down_sync(~0U, x, offset);
  if (threadIdx.x % 32 == 0) partial[threadIdx.x / 32] = x;
  __syncthreads();
  if (threadIdx.x != 0) return 0;
  for (unsigned warp = 1; warp < blockDim.x / 32; ++warp) x += partial[warp];
  return x;
}

}  // namespace cnn::cuda
