// SPDX-License-Identifier: MIT

// Linear layers, one thread for each number of the output. Shapes: x [n, in], weight [out, in], bias [out], y [n, out].

#include "common/backend/cuda/cuda_backend.hpp"
#include "common/backend/cuda/for_each.hpp"
#include "common/backend/cuda/sums.hpp"

namespace cnn {
namespace cuda {
namespace {

/// y_{n,o} = b_o + sum_i x_{n,i} w_{o,i}
struct Forward {
  Images<float> y;
  Images<const float> x;
  const float *weight, *bias;
  int in;
  bool ends_with_relu;

  __device__ void operator()(Index n, Index o) const {
    CompensatedSum sum;
    if (bias != nullptr) sum.add(bias[o]);
    for (int i = 0; i < in; ++i) sum.add(x(n, i) * weight[o * in + i]);
    y(n, o) = ends_with_relu ? relu(sum.sum) : sum.sum;
  }
};

/// grad_x_{n,i} = sum_o grad_y_{n,o} w_{o,i}
struct BackwardInput {
  Images<float> grad_x;
  Images<const float> grad_y;
  const float* weight;
  int in, out;

  __device__ void operator()(Index n, Index i) const {
    CompensatedSum sum;
    for (int o = 0; o < out; ++o) sum.add(grad_y(n, o) * weight[Index{o} * in + i]);
    grad_x(n, i) = sum.sum;
  }
};

/// grad_w_{o,i} = sum_n grad_y_{n,o} x_{n,i} and, in the place behind the last i, grad_b_o = sum_n grad_y_{n,o}, by shards of
/// the rows
struct BackwardWeight {
  float *grad_weight, *grad_bias;
  Images<const float> grad_y, x;
  int in;
  ShardTable shards;

  __device__ void operator()(Index o, Index i) const {
    float sums[shard_count] = {};
    for (int shard = 0; shard < shards.count; ++shard) {
      CompensatedSum sum;
      for (int n = shards.begin[shard]; n < shards.begin[shard + 1]; ++n)
        sum.add(i < in ? grad_y(n, o) * x(n, i) : grad_y(n, o));
      sums[shard] = sum.sum;
    }
    (i < in ? grad_weight[o * in + i] : grad_bias[o]) = join_shards(sums, shards.count);
  }
};

}  // namespace
}  // namespace cuda

using namespace cuda;

void CudaBackend::linear(Tensor& y, const Tensor& x, const ConvWeights& w) {
  const auto [out, in] = w.weight.dims<2>();
  const float* const bias = w.bias == nullptr ? nullptr : w.bias->data();
  for_each(x.shape()[0], out,
           Forward{images(y), images(x), w.weight.data(), bias, to_int(in), w.epilogue.relu});
}

void CudaBackend::linear_backward_input(Tensor& grad_x, const Tensor& grad_y, const Tensor& weight) {
  const auto [out, in] = weight.dims<2>();
  for_each(grad_x.shape()[0], in,
           BackwardInput{images(grad_x), images(grad_y), weight.data(), to_int(in), to_int(out)});
}

void CudaBackend::linear_backward_weight(Tensor& grad_weight, Tensor* grad_bias, const Tensor& grad_y,
                                         const Tensor& x, const Shards& shards) {
  const auto [out, in] = grad_weight.dims<2>();
  float* const bias = grad_bias == nullptr ? nullptr : grad_bias->data();
  for_each(
      out, bias == nullptr ? in : in + 1,
      BackwardWeight{grad_weight.data(), bias, images(grad_y), images(x), to_int(in), ShardTable(shards)});
}

}  // namespace cnn
