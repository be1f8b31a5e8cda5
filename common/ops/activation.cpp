// SPDX-License-Identifier: MIT
#include "common/ops/activation.hpp"

#include "common/ops/by_image.hpp"
#include "common/ops/checks.hpp"

namespace cnn::ops {
namespace {

void check_backward(const char* operation, const Tensor& grad_y, const Tensor& y) {
  detail::check_operand(operation, "grad_y", grad_y);
  detail::check_operand(operation, "y", y);
  detail::check_shape(operation, "grad_y", grad_y.shape(), y.shape());
}

}  // namespace

Tensor sigmoid(const Tensor& x) {
  detail::check_operand("sigmoid", "x", x);
  Tensor y = Tensor::empty(x.shape(), x.device());
  detail::by_image(&Backend::sigmoid, y, x);
  return y;
}

void sigmoid_inplace(Tensor& x) {
  detail::check_operand("sigmoid", "x", x);
  detail::by_image(&Backend::sigmoid, x, x);
}

Tensor sigmoid_backward(Tensor grad_y, const Tensor& y) {
  check_backward("sigmoid_backward", grad_y, y);
  const bool reuse = grad_y.is_sole_owner() && grad_y.is_dense();
  Tensor grad_x = reuse ? grad_y : Tensor::empty(y.shape(), y.device());
  detail::by_image(&Backend::sigmoid_backward, grad_x, grad_y, y);
  return grad_x;
}

Tensor relu(const Tensor& x) {
  detail::check_operand("relu", "x", x);
  Tensor y = Tensor::empty(x.shape(), x.device());
  detail::by_image(&Backend::relu, y, x);
  return y;
}

void relu_inplace(Tensor& x) {
  detail::check_operand("relu", "x", x);
  detail::by_image(&Backend::relu, x, x);
}

Tensor relu_backward(Tensor grad_y, const Tensor& y) {
  check_backward("relu_backward", grad_y, y);
  const bool reuse = grad_y.is_sole_owner() && grad_y.is_dense();
  Tensor grad_x = reuse ? grad_y : Tensor::empty(y.shape(), y.device());
  detail::by_image(&Backend::relu_backward, grad_x, grad_y, y);
  return grad_x;
}

}  // namespace cnn::ops
