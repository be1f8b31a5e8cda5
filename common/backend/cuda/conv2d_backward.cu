// SPDX-License-Identifier: MIT

// The backward passes of a convolution: what is multiplied is in conv2d_products.hpp, how is in multiply.hpp.

#include "common/backend/cuda/conv2d_products.hpp"
#include "common/backend/cuda/cublas.hpp"
#include "common/backend/cuda/cuda_backend.hpp"
#include "common/backend/cuda/multiply.hpp"
#include "common/backend/cuda/shard_sums.hpp"
#include "common/backend/cuda/winograd.hpp"

namespace cnn {

using namespace cuda;

void CudaBackend::conv2d_backward_input(Tensor& grad_x, const Tensor& grad_y, const Tensor& weight,
                                        const ConvGeometry& g, Write write) {
  const DeviceScope scope(grad_x.device().index);
  const ConvSizes s = conv_sizes(grad_x.shape(), weight.shape(), g);
  if (kernel_in_use() == Kernel::cublas)
    return cublas::conv2d_backward_input(grad_x, grad_y, weight, s, write);
  if (kernel_in_use() == Kernel::winograd && winograd::suits(s))
    return winograd::conv2d_backward_input(grad_x, grad_y, weight, s, write);
  with_backward_input(grad_x, grad_y, weight, s, write, [](const auto& product) { multiply(product); });
}

void CudaBackend::conv2d_backward_weight(Tensor& grad_weight, Tensor* grad_bias, const Tensor& grad_y,
                                         const Tensor& x, const ConvGeometry& g, const Shards& shards) {
  const DeviceScope scope(grad_weight.device().index);
  const ConvSizes s = conv_sizes(x.shape(), grad_weight.shape(), g);
  if (kernel_in_use() == Kernel::cublas)
    return cublas::conv2d_backward_weight(grad_weight, grad_bias, grad_y, x, s, shards);
  if (kernel_in_use() == Kernel::winograd && winograd::suits(s))
    return winograd::conv2d_backward_weight(grad_weight, grad_bias, grad_y, x, s, shards);
  const WeightPlan plan(s.oc, s.taps(), s.pixels());
  const Slices slices = Slices::of(shards, s.pixels(), plan.pieces);
  make_by_shards(grad_weight, grad_bias, grad_y, shards, plan, [&](float* sums, Index first, Index rows) {
    with_backward_weight(sums, first, rows, grad_y, x, s, slices,
                         [](const auto& product) { multiply_over_pixels(product); });
  });
}

Index CudaBackend::scratch_bytes(Operation operation, const Shape& x, const Shape& weight,
                                 const ConvGeometry& g) const {
  if (kernel_in_use() == Kernel::cublas) return cublas::scratch_bytes(operation, x, weight, g);
  if (x[0] == 0) return 0;
  Index floats = 0;
  if (x.size() == 4 && kernel_in_use() == Kernel::winograd && winograd::suits(conv_sizes(x, weight, g))) {
    floats = winograd::scratch_floats(conv_sizes(x, weight, g), operation);
  } else if (operation == Operation::conv2d_backward_weight) {
    const ConvSizes s = conv_sizes(x, weight, g);
    floats = WeightPlan(s.oc, s.taps(), s.pixels()).floats(shard_count, true);
  } else if (operation == Operation::linear_backward_weight) {
    floats = WeightPlan(weight[0], weight[1], 1).floats(shard_count, true);
  }
  return floats * size_of(DType::f32);
}

}  // namespace cnn
