// SPDX-License-Identifier: MIT
#include "common/ops/linear.hpp"

#include "common/core/check.hpp"
#include "common/ops/checks.hpp"

namespace cnn::ops {
namespace {

using detail::Layout;

/// Checks x [n, in] or grad_y [n, out] against the weight's axis of that size.
void check_rows(const char* operation, const char* name, const Tensor& rows, const Shape& weight,
                std::size_t axis) {
  detail::check_rank(operation, name, rows.shape(), "[n, features]", 2);
  detail::check_rank(operation, "weight", weight, "[out, in]", 2);
  CNN_CHECK(weight[0] >= 1 && weight[1] >= 1, ShapeError,
            std::string("[") + operation + "] weight needs at least one feature in and out, it is " +
                to_string(weight));
  CNN_CHECK(rows.shape()[1] == weight[axis], ShapeError,
            std::string("[") + operation + "] weight expects " + std::to_string(weight[axis]) +
                " features, " + name + " has " + std::to_string(rows.shape()[1]) + " (" + name + " = " +
                to_string(rows.shape()) + ", weight = " + to_string(weight) + ")");
}

}  // namespace

Tensor linear(const Tensor& x, const Tensor& weight, const Tensor* bias, const Epilogue& epilogue) {
  return linear(x, {weight, bias, epilogue});
}

Tensor linear(const Tensor& x, const ConvWeights& w) {
  Backend& backend = detail::backend_of(
      "linear",
      {{"x", &x, Layout::dense}, {"weight", &w.weight, Layout::dense}, {"bias", w.bias, Layout::dense}});
  check_rows("linear", "x", x, w.weight.shape(), 1);
  const Index out = w.weight.shape()[0];
  if (w.bias != nullptr) detail::check_shape("linear", "bias", w.bias->shape(), {out});
  detail::check_epilogue("linear", x, {x.shape()[0], out}, w.epilogue);
  Tensor y = Tensor::empty({x.shape()[0], out}, x.device());
  if (y.size() > 0) backend.linear(y, x, w);
  return y;
}

LinearGrads linear_backward(const Tensor& grad_y, const Tensor& x, const Tensor& weight) {
  LinearGrads grads{linear_backward_input(grad_y, weight), Tensor::empty(weight.shape(), weight.device()),
                    Tensor::empty({weight.shape()[0]}, weight.device())};
  linear_backward_weight_into(grads.weight, &grads.bias, grad_y, x);
  return grads;
}

Tensor linear_backward_input(const Tensor& grad_y, const Tensor& weight) {
  Backend& backend = detail::backend_of(
      "linear_backward", {{"grad_y", &grad_y, Layout::dense}, {"weight", &weight, Layout::dense}});
  check_rows("linear_backward", "grad_y", grad_y, weight.shape(), 0);
  Tensor grad_x = Tensor::empty({grad_y.shape()[0], weight.shape()[1]}, grad_y.device());
  if (grad_x.size() > 0) backend.linear_backward_input(grad_x, grad_y, weight);
  return grad_x;
}

void linear_backward_weight_into(Tensor& grad_weight, Tensor* grad_bias, const Tensor& grad_y,
                                 const Tensor& x, const std::optional<Shards>& shards) {
  Backend& backend = detail::backend_of("linear_backward", {{"grad_y", &grad_y, Layout::dense},
                                                            {"x", &x, Layout::dense},
                                                            {"grad_weight", &grad_weight, Layout::dense},
                                                            {"grad_bias", grad_bias, Layout::dense}});
  check_rows("linear_backward", "grad_y", grad_y, grad_weight.shape(), 0);
  check_rows("linear_backward", "x", x, grad_weight.shape(), 1);
  CNN_CHECK(grad_y.shape()[0] == x.shape()[0], ShapeError,
            "[linear_backward] grad_y = " + to_string(grad_y.shape()) + " and x = " + to_string(x.shape()) +
                " have different numbers of rows");
  if (grad_bias != nullptr) {
    detail::check_shape("linear_backward", "grad_bias", grad_bias->shape(), {grad_weight.shape()[0]});
  }
  backend.linear_backward_weight(grad_weight, grad_bias, grad_y, x,
                                 shards.value_or(Shards::all(x.shape()[0])));
}

}  // namespace cnn::ops
