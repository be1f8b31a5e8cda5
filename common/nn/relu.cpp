// SPDX-License-Identifier: MIT
#include "common/nn/relu.hpp"

#include <utility>

#include "common/ops/activation.hpp"

namespace cnn::nn {

Tensor ReLU::forward(Tensor x) {
  if (x.is_sole_owner()) {
    ops::relu_inplace(x);
  } else {
    x = ops::relu(x);
  }
  y_.keep(x, is_training());
  return x;
}

Tensor ReLU::backward(Tensor grad_y) { return ops::relu_backward(std::move(grad_y), y_.take("ReLU")); }

Cost ReLU::cost(const Shape& x) const {
  return {.activation_bytes = element_count(x) * size_of(DType::f32),
          .keeps_output = true,
          .output = Memory::in_place,
          .gradient = Memory::in_place};
}

}  // namespace cnn::nn
