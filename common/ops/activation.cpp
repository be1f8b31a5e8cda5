// SPDX-License-Identifier: MIT
#include "common/ops/activation.hpp"

#include "common/ops/checks.hpp"

namespace cnn::ops {
namespace {

Backend& check_backward(const char* operation, const Tensor& grad_y, const Tensor& y) {
  Backend& backend = detail::backend_of(operation, {{"grad_y", &grad_y}, {"y", &y}});
  detail::check_shape(operation, "grad_y", grad_y.shape(), y.shape());
  return backend;
}

}  // namespace

Tensor sigmoid(const Tensor& x) {
  Backend& backend = detail::backend_of("sigmoid", {{"x", &x}});
  Tensor y = Tensor::empty(x.shape(), x.device());
  backend.sigmoid(y, x);
  return y;
}

void sigmoid_inplace(Tensor& x) {
  Backend& backend = detail::backend_of("sigmoid", {{"x", &x}});
  backend.sigmoid(x, x);
}

Tensor sigmoid_backward(Tensor grad_y, const Tensor& y) {
  Backend& backend = check_backward("sigmoid_backward", grad_y, y);
  const bool reuse = grad_y.is_sole_owner() && grad_y.is_dense();
  Tensor grad_x = reuse ? grad_y : Tensor::empty(y.shape(), y.device());
  backend.sigmoid_backward(grad_x, grad_y, y);
  return grad_x;
}

Tensor relu(const Tensor& x) {
  Backend& backend = detail::backend_of("relu", {{"x", &x}});
  Tensor y = Tensor::empty(x.shape(), x.device());
  backend.relu(y, x);
  return y;
}

void relu_inplace(Tensor& x) {
  Backend& backend = detail::backend_of("relu", {{"x", &x}});
  backend.relu(x, x);
}

Tensor relu_backward(Tensor grad_y, const Tensor& y) {
  Backend& backend = check_backward("relu_backward", grad_y, y);
  const bool reuse = grad_y.is_sole_owner() && grad_y.is_dense();
  Tensor grad_x = reuse ? grad_y : Tensor::empty(y.shape(), y.device());
  backend.relu_backward(grad_x, grad_y, y);
  return grad_x;
}

}  // namespace cnn::ops
