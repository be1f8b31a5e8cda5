// SPDX-License-Identifier: MIT

// Batch normalization, forward: three passes over memory, two that read x and one that writes y. See batch_norm.hpp.

#include "common/backend/cuda/batch_norm.hpp"

namespace cnn {
namespace cuda::batch_norm {
namespace {

/// sum x and sum x^2 of channel blockIdx.x in shard blockIdx.y. A thread subtracts the first of its values from the others: their
/// squares then are as small as the variance, and a float has digits enough. (An infinite one it leaves in place: x - x would be NaN,
/// and the mean infinite. The variance is NaN then, as the loops have it.)
__global__ void __launch_bounds__(threads)
    moments_kernel(PairsOfSums sums, Images<const float> x, int pixels, ShardTable shards) {
  __shared__ double partial_sum[warps], partial_squares[warps];
  const Index c = blockIdx.x;
  Walk walk(pixels, shards, blockIdx.y);
  float first = walk.goes_on() ? x(walk.image, c * pixels + walk.pixel) : 0;
  if (!is_finite(first)) first = 0;
  CompensatedSum sum, squares;
  int values = 0;
  for (; walk.goes_on(); walk.step(), ++values) {
    const float difference = x(walk.image, c * pixels + walk.pixel) - first;
    sum.add(difference);
    squares.add(difference * difference);
  }
  const double shift = first, count = values, of_sum = sum.value();
  const double all = block_sum(of_sum + count * shift, partial_sum);
  const double all_squares =
      block_sum(squares.value() + 2 * shift * of_sum + count * shift * shift, partial_squares);
  if (threadIdx.x != 0) return;
  sums.at(static_cast<int>(blockIdx.y), 0, c) = all;
  sums.at(static_cast<int>(blockIdx.y), 1, c) = all_squares;
}

/// mean = sum x / m, variance = sum x^2 / m - mean^2, the running averages, and the factor of a channel
struct FinishStatistics {
  PairsOfSums sums;
  double m;  // values of a channel in the batch
  float *mean, *variance;
  float *running_mean = nullptr, *running_variance = nullptr;  // null for none
  double momentum = 0;
  Parameters p;
  float* scale;

  __device__ void operator()(Index, Index c) const {
    const double average = sums.joined(0, c) / m;
    const double squared = sums.joined(1, c) / m - average * average;
    mean[c] = static_cast<float>(average);
    variance[c] = static_cast<float>(squared < 0 ? 0 : squared);
    scale[c] = p.scale(c);
    if (running_mean == nullptr) return;
    running_mean[c] = follow(running_mean[c], double{mean[c]});
    running_variance[c] = follow(running_variance[c], double{variance[c]} * (m / (m - 1)));
  }
  __device__ float follow(float average, double of_batch) const {
    return static_cast<float>(momentum * of_batch + (1 - momentum) * double{average});
  }
};

struct Scale {
  Parameters p;
  float* scale;
  __device__ void operator()(Index, Index c) const { scale[c] = p.scale(c); }
};

/// y = (x - mean_c) scale_c + bias_c, then a ReLU if asked for
struct Normalize {
  Images<float> y;
  Images<const float> x;
  Parameters p;
  const float* scale;
  int pixels;
  bool ends_with_relu;

  __device__ void operator()(Index n, Index k) const {
    const int c = static_cast<int>(k) / pixels;
    const float value = p.y(x(n, k), c, scale[c]);
    y(n, k) = ends_with_relu ? relu(value) : value;
  }
};

void normalize(Tensor& y, const Tensor& x, const Normalization& norm, const Tensor& scale) {
  const Index images_count = x.shape()[0], channels = x.shape()[1];
  const int pixels = pixels_of(x);
  for_each(images_count, channels * pixels,
           Normalize{images(y), images(x), Parameters(norm), scale.data(), pixels, norm.epilogue.relu});
}

}  // namespace
}  // namespace cuda::batch_norm

using namespace cuda;
using namespace cuda::batch_norm;

void CudaBackend::batch_norm_training(Tensor& y, const BatchStatistics& statistics, const Tensor& x,
                                      const Normalization& norm, const BatchPart& part) {
  const DeviceScope scope(y.device().index);
  Sums sums(x, part);
  launch(moments_kernel, block_for_each_sum(sums.of_part()), sums.of_part(), images(x), pixels_of(x),
         ShardTable(part.shards));
  Tensor scale = Tensor::empty({x.shape()[1]}, x.device());
  FinishStatistics finish{.sums = sums.of_batch(),
                          .m = values_of_channel(x, part),
                          .mean = statistics.mean.data(),
                          .variance = statistics.variance.data(),
                          .p = Parameters(norm),
                          .scale = scale.data()};
  if (const RunningStatistics* const running = statistics.running) {
    finish.running_mean = running->mean.data();
    finish.running_variance = running->variance.data();
    finish.momentum = running->momentum;
  }
  for_each(1, scale.size(), finish);
  normalize(y, x, norm, scale);
}

void CudaBackend::batch_norm(Tensor& y, const Tensor& x, const Normalization& norm) {
  const DeviceScope scope(y.device().index);
  Tensor scale = Tensor::empty({x.shape()[1]}, x.device());
  for_each(1, scale.size(), Scale{Parameters(norm), scale.data()});
  normalize(y, x, norm, scale);
}

}  // namespace cnn
