// SPDX-License-Identifier: MIT
#include "common/ops/elementwise.hpp"

#include "common/core/check.hpp"
#include "common/ops/by_image.hpp"
#include "common/ops/checks.hpp"

namespace cnn::ops {
namespace {

void check_like_value(const char* operation, const char* name, const Tensor& x, const Tensor& value) {
  detail::check_dense(operation, name, x);
  detail::check_shape(operation, name, x.shape(), value.shape());
}

}  // namespace

void add_relu_inplace(Tensor& y, const Tensor& x) {
  detail::check_dense("add_relu", "y", y);
  check_like_value("add_relu", "x", x, y);
  active_backend().add_relu(y, x);
}

void add_scaled_inplace(Tensor& y, const Tensor& x, float scale) {
  detail::check_operand("add_scaled", "y", y);
  detail::check_operand("add_scaled", "x", x);
  detail::check_shape("add_scaled", "x", x.shape(), y.shape());
  const auto add = [scale](Backend& rung, Tensor& to, const Tensor& from) {
    rung.add_scaled(to, from, scale);
  };
  detail::by_image(add, y, x);
}

void blend_inplace(Tensor& y, const Tensor& x, double keep, double take) {
  detail::check_dense("blend", "y", y);
  check_like_value("blend", "x", x, y);
  active_backend().blend(y, x, keep, take);
}

void sgd_step_inplace(Tensor& value, const Tensor& grad, Tensor* velocity, const SgdStep& settings) {
  detail::check_dense("sgd_step", "value", value);
  check_like_value("sgd_step", "grad", grad, value);
  if (velocity != nullptr) check_like_value("sgd_step", "velocity", *velocity, value);
  active_backend().sgd_step(value, grad, velocity, settings);
}

void adam_step_inplace(Tensor& value, const Tensor& grad, Tensor& mean, Tensor& mean_square,
                       const AdamStep& settings) {
  detail::check_dense("adam_step", "value", value);
  check_like_value("adam_step", "grad", grad, value);
  check_like_value("adam_step", "mean", mean, value);
  check_like_value("adam_step", "mean_square", mean_square, value);
  CNN_CHECK(settings.step >= 1, StateError,
            "[adam_step] step " + std::to_string(settings.step) + " asked for; the first step is 1");
  active_backend().adam_step(value, grad, mean, mean_square, settings);
}

}  // namespace cnn::ops
