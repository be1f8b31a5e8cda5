// SPDX-License-Identifier: MIT

// Batch normalization. Shapes: x, y [n, c, h, w] (rows [n, c] have one pixel), mean, variance, weight, bias [c]; gradients like
// what they belong to. The sums over a channel are made by one block for each shard, joined in pairs by one thread for each
// channel, and used by one thread for each element. Doubles appear in what is done once for a thread or for a channel.

#include "common/backend/cuda/cuda_backend.hpp"
#include "common/backend/cuda/for_each.hpp"
#include "common/backend/cuda/sums.hpp"

namespace cnn {
namespace cuda {
namespace {

constexpr unsigned threads = 256;
constexpr unsigned warps = 32;  // at most in a block

/// A thread's walk over the values of a channel in the images of a shard: first value t, then every 256th.
struct Walk {
  int pixels, image, pixel, last;

  __device__ Walk(int pixels_of_image, const ShardTable& shards, unsigned shard)
      : pixels(pixels_of_image),
        image(shards.begin[shard] + static_cast<int>(threadIdx.x) / pixels),
        pixel(static_cast<int>(threadIdx.x) % pixels),
        last(shards.begin[shard + 1]) {}

  __device__ bool goes_on() const { return image < last; }
  __device__ void step() {
    image += static_cast<int>(threads) / pixels;
    pixel += static_cast<int>(threads) % pixels;
    if (pixel < pixels) return;
    pixel -= pixels;
    ++image;
  }
};

/// The two sums of each channel of each shard, [shards, 2, c].
struct PairsOfSums {
  double* data;
  int shards, channels;

  __device__ double& at(int shard, int which, Index c) const {
    return data[(Index{shard} * 2 + which) * channels + c];
  }
  /// The sum over all shards.
  __device__ double joined(int which, Index c) const {
    double sums[shard_count] = {};
    for (int k = 0; k < shards; ++k) sums[k] = at(k, which, c);
    return join_shards(sums, shards);
  }
};

/// What a normalization is made of, [c] each.
struct Parameters {
  const float *mean, *variance, *weight, *bias;
  double epsilon;

  explicit Parameters(const Normalization& n)
      : mean(n.mean.data()),
        variance(n.variance.data()),
        weight(n.weight.data()),
        bias(n.bias.data()),
        epsilon(n.epsilon) {}

  __device__ double inverse_deviation(Index c) const { return 1 / sqrt(double{variance[c]} + epsilon); }
  __device__ float scale(Index c) const {
    return static_cast<float>(double{weight[c]} / sqrt(double{variance[c]} + epsilon));
  }
  /// y of a value of channel c; the backward pass of a ReLU behind it needs the same bits.
  __device__ float y(float x, Index c, float scale) const {
    return __fadd_rn(__fmul_rn(__fsub_rn(x, mean[c]), scale), bias[c]);
  }
};

/// sum x and sum x^2 of channel blockIdx.x in shard blockIdx.y. A thread subtracts the first of its values from the others: their
/// squares then are as small as the variance, and a float has digits enough.
__global__ void __launch_bounds__(threads)
    moments_kernel(PairsOfSums sums, Images<const float> x, int pixels, ShardTable shards) {
  __shared__ double partial_sum[warps], partial_squares[warps];
  const Index c = blockIdx.x;
  Walk walk(pixels, shards, blockIdx.y);
  const float first = walk.goes_on() ? x(walk.image, c * pixels + walk.pixel) : 0;
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

/// Joins the shards of a channel into the first one.
struct Join {
  PairsOfSums sums;
  __device__ void operator()(Index which, Index c) const {
    sums.at(0, static_cast<int>(which), c) = sums.joined(static_cast<int>(which), c);
  }
};

/// mean = sum x / m, variance = sum x^2 / m - mean^2, the running averages, and the factor of a channel
struct FinishStatistics {
  PairsOfSums sums;
  double m;  // values of a channel in the batch
  float *mean, *variance;
  float *running_mean, *running_variance;  // null for none
  double momentum;
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

/// A gradient behind the ReLU, if there is one: grad_y where y > 0, else 0.
struct Gradient {
  Images<const float> grad_y, x;
  Parameters p;
  bool ends_with_relu;

  __device__ float operator()(Index n, Index k, Index c, float scale) const {
    const float grad = grad_y(n, k);
    return ends_with_relu && p.y(x(n, k), c, scale) <= 0 ? 0 : grad;
  }
};

/// sum grad and sum grad (x - mean_c) of channel blockIdx.x in shard blockIdx.y
__global__ void __launch_bounds__(threads)
    gradient_sums_kernel(PairsOfSums sums, Gradient gradient, int pixels, ShardTable shards) {
  __shared__ double partial_sum[warps], partial_products[warps];
  __shared__ float scale;
  const Index c = blockIdx.x;
  if (threadIdx.x == 0) scale = gradient.p.scale(c);
  __syncthreads();
  const float mean = gradient.p.mean[c];
  CompensatedSum sum, products;
  for (Walk walk(pixels, shards, blockIdx.y); walk.goes_on(); walk.step()) {
    const Index k = c * pixels + walk.pixel;
    const float grad = gradient(walk.image, k, c, scale);
    sum.add(grad);
    products.add(grad * (gradient.x(walk.image, k) - mean));
  }
  const double all = block_sum(sum.value(), partial_sum);
  const double all_products = block_sum(products.value(), partial_products);
  if (threadIdx.x != 0) return;
  sums.at(static_cast<int>(blockIdx.y), 0, c) = all;
  sums.at(static_cast<int>(blockIdx.y), 1, c) = all_products;
}

/// What the gradient of a value takes beside the value: grad_x = scale (grad - mean_grad - (x - mean) slope), [c] each
struct Line {
  float *scale, *mean_grad, *slope;
};

/// grad_bias = sum grad and grad_weight = sum grad x^ over the images of this process, joined as floats, as processes do
struct ParameterGradients {
  PairsOfSums sums;
  Parameters p;
  float *grad_weight, *grad_bias;

  __device__ void operator()(Index, Index c) const {
    float sum[shard_count] = {}, products[shard_count] = {};
    for (int k = 0; k < sums.shards; ++k) {
      sum[k] = static_cast<float>(sums.at(k, 0, c));
      products[k] = static_cast<float>(sums.at(k, 1, c) * p.inverse_deviation(c));
    }
    grad_bias[c] = join_shards(sum, sums.shards);
    grad_weight[c] = join_shards(products, sums.shards);
  }
};

/// The line of a channel from the sums over the batch of m values.
struct FinishLine {
  PairsOfSums sums;
  Parameters p;
  double m;
  Line line;

  __device__ void operator()(Index, Index c) const {
    const double inverse = p.inverse_deviation(c);
    line.scale[c] = p.scale(c);
    line.mean_grad[c] = static_cast<float>(sums.joined(0, c) / m);
    line.slope[c] = static_cast<float>(sums.joined(1, c) * inverse * inverse / m);
  }
};

struct Backward {
  Images<float> grad_x;
  Gradient gradient;
  Line line;
  int pixels;

  __device__ void operator()(Index n, Index k) const {
    const int c = static_cast<int>(k) / pixels;
    const float grad = gradient(n, k, c, line.scale[c]);
    const float deviation = gradient.x(n, k) - gradient.p.mean[c];
    grad_x(n, k) = line.scale[c] * (grad - line.mean_grad[c] - deviation * line.slope[c]);
  }
};

/// Elements of a channel of an image.
int pixels_of(const Tensor& x) { return x.rank() == 2 ? 1 : to_int(x.shape()[2] * x.shape()[3]); }

void normalize(Tensor& y, const Tensor& x, const Normalization& norm, const Tensor& scale) {
  const Index images_count = x.shape()[0], channels = x.shape()[1];
  const int pixels = pixels_of(x);
  for_each(images_count, channels * pixels,
           Normalize{images(y), images(x), Parameters(norm), scale.data(), pixels, norm.epilogue.relu});
}

/// Room for the sums of a part of a batch.
Tensor empty_sums(const Tensor& x, const BatchPart& part) {
  return Tensor::empty({part.shards.count(), 2, x.shape()[1]}, x.device(), DType::f64);
}

/// Joins the sums with those of other processes, if there are any.
/// \return what is to be joined still: the shards, or the only sum that is left
PairsOfSums join(Tensor& sums, const BatchPart& part) {
  const auto [shards, two, channels] = sums.dims<3>();
  const PairsOfSums pairs{sums.doubles(), to_int(shards), to_int(channels)};
  if (part.processes == nullptr) return pairs;
  for_each(two, channels, Join{pairs});
  Tensor joined = sums.rows(0, 1);
  part.join(joined);
  return {pairs.data, 1, pairs.channels};
}

}  // namespace
}  // namespace cuda

using namespace cuda;

void CudaBackend::batch_norm_training(Tensor& y, const BatchStatistics& statistics, const Tensor& x,
                                      const Normalization& norm, const BatchPart& part) {
  const Index channels = x.shape()[1];
  const int pixels = pixels_of(x);
  Tensor sums = empty_sums(x, part), scale = Tensor::empty({channels}, x.device());
  const ShardTable shards(part.shards);
  const dim3 grid(static_cast<unsigned>(channels), static_cast<unsigned>(shards.count));
  launch(moments_kernel, {grid, threads}, PairsOfSums{sums.doubles(), shards.count, to_int(channels)},
         images(x), pixels, shards);
  const RunningStatistics* const running = statistics.running;
  for_each(1, channels,
           FinishStatistics{join(sums, part), static_cast<double>(part.shards.images * pixels),
                            statistics.mean.data(), statistics.variance.data(),
                            running == nullptr ? nullptr : running->mean.data(),
                            running == nullptr ? nullptr : running->variance.data(),
                            running == nullptr ? 0 : running->momentum, Parameters(norm), scale.data()});
  normalize(y, x, norm, scale);
}

void CudaBackend::batch_norm(Tensor& y, const Tensor& x, const Normalization& norm) {
  Tensor scale = Tensor::empty({x.shape()[1]}, x.device());
  for_each(1, scale.size(), Scale{Parameters(norm), scale.data()});
  normalize(y, x, norm, scale);
}

void CudaBackend::batch_norm_backward(Tensor& grad_x, Tensor& grad_weight, Tensor& grad_bias,
                                      const Tensor& grad_y, const Tensor& x, const Normalization& norm,
                                      const BatchPart& part, Write) {
  const Index channels = x.shape()[1];
  const int pixels = pixels_of(x);
  Tensor sums = empty_sums(x, part), line_terms = Tensor::empty({3, channels}, x.device());
  const ShardTable shards(part.shards);
  const Parameters p(norm);
  const Gradient gradient{images(grad_y), images(x), p, norm.epilogue.relu};
  const PairsOfSums pairs{sums.doubles(), shards.count, to_int(channels)};
  const dim3 grid(static_cast<unsigned>(channels), static_cast<unsigned>(shards.count));
  launch(gradient_sums_kernel, {grid, threads}, pairs, gradient, pixels, shards);
  for_each(1, channels, ParameterGradients{pairs, p, grad_weight.data(), grad_bias.data()});
  float* const terms = line_terms.data();
  const Line line{terms, terms + channels, terms + 2 * channels};
  for_each(1, channels,
           FinishLine{join(sums, part), p, static_cast<double>(part.shards.images * pixels), line});
  for_each(x.shape()[0], channels * pixels, Backward{images(grad_x), gradient, line, pixels});
}

}  // namespace cnn
