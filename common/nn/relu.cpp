// SPDX-License-Identifier: MIT
#include "common/nn/relu.hpp"

#include <utility>

#include "common/ops/activation.hpp"

namespace cnn::nn {

Tensor ReLU::forward(Tensor x) {
  if (handed_over_ == ReluShare::none && x.is_sole_owner()) {
    ops::relu_inplace(x);
  } else if (handed_over_ == ReluShare::none) {
    x = ops::relu(x);
  }
  if (handed_over_ != ReluShare::all) y_.keep(x, is_training());
  return x;
}

Tensor ReLU::backward(Tensor grad_y) {
  if (handed_over_ == ReluShare::all) return grad_y;
  return ops::relu_backward(std::move(grad_y), y_.take("ReLU"));
}

Cost ReLU::cost(const Shape& x) const {
  if (handed_over_ == ReluShare::all) return {};
  return {.activation_bytes = element_count(x) * size_of(DType::f32), .keeps_output = true};
}

}  // namespace cnn::nn
