// SPDX-License-Identifier: MIT
#include "common/ops/activation.hpp"

#include "common/ops/checks.hpp"

namespace cnn::ops {

Tensor activation(Tensor x, Activation f) {
  Backend& backend = detail::backend_of("activation", {{"x", &x}});
  Tensor y = x.is_sole_owner() ? x : Tensor::empty(x.shape(), x.device());
  backend.activation(y, x, f);
  return y;
}

Tensor activation_backward(Tensor grad_y, const Tensor& y, Activation f) {
  Backend& backend = detail::backend_of("activation_backward", {{"grad_y", &grad_y}, {"y", &y}});
  detail::check_shape("activation_backward", "grad_y", grad_y.shape(), y.shape());
  const bool reuse = grad_y.is_sole_owner() && grad_y.is_dense();
  Tensor grad_x = reuse ? grad_y : Tensor::empty(y.shape(), y.device());
  backend.activation_backward(grad_x, grad_y, y, f);
  return grad_x;
}

}  // namespace cnn::ops
