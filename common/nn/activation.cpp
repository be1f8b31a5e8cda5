// SPDX-License-Identifier: MIT
#include "common/nn/activation.hpp"

#include <utility>

namespace cnn::nn {

//! [activation]
Tensor ActivationLayer::forward(Tensor x) {
  if (x.is_sole_owner()) {
    ops::activation_inplace(x, function_);
  } else {
    x = ops::activation(x, function_);
  }
  y_.save(x, is_training());
  return x;
}

Tensor ActivationLayer::backward(Tensor grad_y) {
  return ops::activation_backward(std::move(grad_y), y_.take(kind_), function_);
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
