// SPDX-License-Identifier: MIT
#include "common/nn/sigmoid.hpp"

#include <utility>

#include "common/ops/activation.hpp"

namespace cnn::nn {

//! [sigmoid]
Tensor Sigmoid::forward(Tensor x) {
  if (x.is_sole_owner()) {
    ops::sigmoid_inplace(x);
  } else {
    x = ops::sigmoid(x);
  }
  y_.keep(x, is_training());
  return x;
}

Tensor Sigmoid::backward(Tensor grad_y) {
  return ops::sigmoid_backward(std::move(grad_y), y_.take("Sigmoid"));
}
//! [sigmoid]

Cost Sigmoid::cost(const Shape& x) const {
  return {.activation_bytes = element_count(x) * size_of(DType::f32), .keeps_output = true};
}

}  // namespace cnn::nn
