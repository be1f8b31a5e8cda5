// SPDX-License-Identifier: MIT

// Batch normalization, backward: five passes over memory, two that read grad_y and x and one that writes grad_x.

#include "common/backend/cuda/batch_norm.hpp"

namespace cnn {
namespace cuda::batch_norm {
namespace {

/// A gradient behind the ReLU, if there is one: grad_y where y > 0, else 0.
struct Gradient {
  Images<const float> grad_y, x;
  Parameters p;
  bool ends_with_relu;

  /// \param value  x(n, k), which the caller has read
  __device__ float operator()(Index n, Index k, float value, Index c, float scale) const {
    const float grad = grad_y(n, k);
    return ends_with_relu && p.y(value, c, scale) <= 0 ? 0 : grad;
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
    const float x = gradient.x(walk.image, k), grad = gradient(walk.image, k, x, c, scale);
    sum.add(grad);
    products.add(grad * (x - mean));
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

/// grad_bias = sum grad and grad_weight = sum grad x^ over the images of this process, joined as floats, as processes do; and the
/// line of a channel from the sums over the batch of m values
struct Finish {
  PairsOfSums part, batch;
  double m;
  Parameters p;
  float *grad_weight, *grad_bias;
  Line line;

  __device__ void operator()(Index, Index c) const {
    const double inverse = p.inverse_deviation(c);
    float sum[shard_count] = {}, products[shard_count] = {};
    for (int k = 0; k < part.shards; ++k) {
      sum[k] = static_cast<float>(part.at(k, 0, c));
      products[k] = static_cast<float>(part.at(k, 1, c) * inverse);
    }
    grad_bias[c] = join_shards(sum, part.shards);
    grad_weight[c] = join_shards(products, part.shards);
    line.scale[c] = p.scale(c);
    line.mean_grad[c] = static_cast<float>(batch.joined(0, c) / m);
    line.slope[c] = static_cast<float>(batch.joined(1, c) * inverse * inverse / m);
  }
};

struct Backward {
  Images<float> grad_x;
  Gradient gradient;
  Line line;
  int pixels;

  __device__ void operator()(Index n, Index k) const {
    const int c = static_cast<int>(k) / pixels;
    const float x = gradient.x(n, k), grad = gradient(n, k, x, c, line.scale[c]);
    const float deviation = x - gradient.p.mean[c];
    grad_x(n, k) = line.scale[c] * (grad - line.mean_grad[c] - deviation * line.slope[c]);
  }
};

}  // namespace
}  // namespace cuda::batch_norm

using namespace cuda;
using namespace cuda::batch_norm;

void CudaBackend::batch_norm_backward(Tensor& grad_x, Tensor& grad_weight, Tensor& grad_bias,
                                      const Tensor& grad_y, const Tensor& x, const Normalization& norm,
                                      const BatchPart& part, Write) {
  const DeviceScope scope(grad_x.device().index);
  const Parameters p(norm);
  const Gradient gradient{images(grad_y), images(x), p, norm.epilogue.relu};
  const Index channels = x.shape()[1];
  const int pixels = pixels_of(x);
  Sums sums(x, part);
  launch(gradient_sums_kernel, block_for_each_sum(sums.of_part()), sums.of_part(), gradient, pixels,
         ShardTable(part.shards));
  Tensor terms = Tensor::empty({3, channels}, x.device());
  const Line line{terms.data(), terms.data() + channels, terms.data() + 2 * channels};
  for_each(1, channels,
           Finish{sums.of_part(), sums.of_batch(), values_of_channel(x, part), p, grad_weight.data(),
                  grad_bias.data(), line});
  for_each(x.shape()[0], channels * pixels, Backward{images(grad_x), gradient, line, pixels});
}

}  // namespace cnn
