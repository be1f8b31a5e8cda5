// SPDX-License-Identifier: MIT
#include "common/backend/cuda/shard_sums.hpp"

#include <algorithm>

#include "common/backend/cuda/launch.hpp"

namespace cnn::cuda {
namespace {

constexpr int threads = 256;

__global__ void __launch_bounds__(threads) join_kernel(SumsToJoin weight, SumsToJoin bias, int shards) {
  Index i = Index{blockIdx.x} * threads + threadIdx.x;
  const bool of_weight = i < weight.count;
  const SumsToJoin from = of_weight ? weight : bias;
  if (!of_weight) i -= weight.count;
  if (i >= from.count) return;
  float sums[shard_count] = {};
#pragma unroll
  for (int shard = 0; shard < shard_count; ++shard) {
    if (shard >= shards) break;
    const float* const pieces = from.sums + Index{shard} * from.pieces * from.count + i;
    float sum = pieces[0];
    for (int piece = 1; piece < from.pieces; ++piece) sum += pieces[piece * from.count];
    sums[shard] = sum;
  }
#pragma unroll
  for (int step = 1; step < shard_count; step *= 2)  // as join_in_pairs()
#pragma unroll
    for (int k = 0; k < shard_count; k += 2 * step)
      if (k + step < shards) sums[k] += sums[k + step];
  from.joined[i] = sums[0];
}

/// A block for each channel and shard: a thread adds every 256th number, and then half of the threads add what the other half have.
__global__ void __launch_bounds__(threads)
    sum_pixels_kernel(float* sums, const float* grad_y, Index image_stride, int pixels, Divisor by_pixels,
                      Slices shards) {
  __shared__ float partial[threads];
  const int channel = static_cast<int>(blockIdx.x), shard = static_cast<int>(blockIdx.y);
  const int thread = static_cast<int>(threadIdx.x);
  const float* const first = grad_y + Index{channel} * pixels;
  const Range range = shards.range(shard);
  float sum = 0;
  for (int k = range.first + thread; k < range.last; k += threads) {
    const int image = by_pixels.quotient(k);
    sum += first[image * image_stride + by_pixels.rest(k, image)];
  }
  partial[thread] = sum;
  for (int half = threads / 2; half > 0; half /= 2) {
    __syncthreads();
    if (thread < half) partial[thread] += partial[thread + half];
  }
  if (thread == 0) sums[shard * static_cast<int>(gridDim.x) + channel] = partial[0];
}

/// A thread for each feature and shard, so that neighbours read what lies side by side.
__global__ void __launch_bounds__(threads)
    sum_rows_kernel(float* sums, const float* grad_y, Index row_stride, int features, Slices shards) {
  const int feature = static_cast<int>(blockIdx.x) * threads + static_cast<int>(threadIdx.x);
  const int shard = static_cast<int>(blockIdx.y);
  if (feature >= features) return;
  const Range range = shards.range(shard);
  float sum = 0;
  for (int n = range.first; n < range.last; ++n) sum += grad_y[n * row_stride + feature];
  sums[shard * features + feature] = sum;
}

}  // namespace

WeightPlan::WeightPlan(Index rows_, Index columns_, Index pixels) : rows(rows_), columns(columns_) {
  constexpr Index wanted_blocks = 512, most_pieces = 32, least_pixels = 16, most_floats = 64 << 18;  // 64 MiB
  const Index blocks = shard_count * ceil_div<Index>(rows, 128) * ceil_div<Index>(columns, 128);
  pieces = static_cast<int>(
      std::clamp<Index>(std::min(wanted_blocks / blocks, pixels / least_pixels), 1, most_pieces));
  const Index row_sums = shard_count * pieces * columns;
  at_once = std::clamp<Index>(most_floats / row_sums / 128 * 128, std::min<Index>(128, rows), rows);
}

void join_sums(const SumsToJoin& weight, const SumsToJoin& bias, int shards) {
  launch(join_kernel, {.grid = ceil_div<Index>(weight.count + bias.count, threads), .block = threads}, weight,
         bias, shards);
}

void sum_bias_gradient(float* sums, const Tensor& grad_y, const Shards& shards) {
  const Index channels = grad_y.shape()[1];
  const Index pixels = grad_y.rank() == 4 ? grad_y.shape()[2] * grad_y.shape()[3] : 1;
  const Slices slices = Slices::of(shards, pixels, 1);
  const auto shard_rows = static_cast<unsigned>(shards.count());
  if (pixels == 1) {
    launch(sum_rows_kernel, {.grid = dim3(ceil_div<Index>(channels, threads), shard_rows), .block = threads},
           sums, first_of(grad_y), grad_y.image_stride(), to_int32(channels), slices);
    return;
  }
  launch(sum_pixels_kernel, {.grid = dim3(static_cast<unsigned>(channels), shard_rows), .block = threads},
         sums, first_of(grad_y), grad_y.image_stride(), to_int32(pixels), Divisor(pixels), slices);
}

}  // namespace cnn::cuda
