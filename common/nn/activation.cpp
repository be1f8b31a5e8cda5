// SPDX-License-Identifier: MIT
#include "common/nn/activation.hpp"

#include <utility>

namespace cnn::nn {

//! [activation]
Tensor ActivationLayer::forward(Tensor x) {
  if (saves_input(function_)) saved_.save(x, is_training());
  Tensor y = ops::activation(std::move(x), function_);
  if (!saves_input(function_)) saved_.save(y, is_training());
  return y;
}

Tensor ActivationLayer::backward(Tensor grad_y) {
  return ops::activation_backward(std::move(grad_y), saved_.take(kind_), function_);
}
//! [activation]

Tensor ReLU::forward(Tensor x) {
  if (fused_) return x;
  return ActivationLayer::forward(std::move(x));
}

Tensor ReLU::backward(Tensor grad_y) {
  if (fused_) return grad_y;
  return ActivationLayer::backward(std::move(grad_y));
}

Spec ReLU::spec() const {
  Spec spec = ActivationLayer::spec();
  if (fused_) spec.options.emplace_back("fused", "into the layer before");
  return spec;
}

}  // namespace cnn::nn
