// SPDX-License-Identifier: MIT
#include "common/nn/max_pool2d.hpp"

#include "common/ops/pool2d.hpp"

namespace cnn::nn {

Tensor MaxPool2d::forward(Tensor x) {
  if (!is_training()) {
    state_.keep({}, false);
    return ops::max_pool2d_values(x, options());
  }
  auto [y, indices] = ops::max_pool2d(x, options());
  state_.keep({std::move(indices), x.shape()}, true);
  return y;
}

Tensor MaxPool2d::backward(Tensor grad_y) {
  const auto [indices, x_shape] = state_.take("MaxPool2d");
  return ops::max_pool2d_backward(grad_y, indices, x_shape);
}

Cost MaxPool2d::cost(const Shape& x) const {
  return {.activation_bytes = element_count(output_shape(x)) * size_of(DType::i32)};
}

}  // namespace cnn::nn
