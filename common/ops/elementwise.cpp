// SPDX-License-Identifier: MIT
#include "common/ops/elementwise.hpp"

#include "common/core/check.hpp"
#include "common/ops/checks.hpp"

namespace cnn::ops {
namespace {

using detail::Layout;

void check_like(const char* operation, const char* name, const Tensor& x, const Tensor& value) {
  detail::check_shape(operation, name, x.shape(), value.shape());
}

}  // namespace

void add_scaled_inplace(Tensor& y, const Tensor& x, float scale, const Epilogue& epilogue) {
  Backend& backend = detail::backend_of("add_scaled", {{"y", &y}, {"x", &x}});
  check_like("add_scaled", "x", x, y);
  backend.add_scaled(y, x, scale, epilogue);
}

void sgd_step_inplace(Tensor& value, const Tensor& grad, Tensor* velocity, const SgdStep& settings) {
  Backend& backend = detail::backend_of("sgd_step", {{"value", &value, Layout::dense},
                                                     {"grad", &grad, Layout::dense},
                                                     {"velocity", velocity, Layout::dense}});
  check_like("sgd_step", "grad", grad, value);
  if (velocity != nullptr) check_like("sgd_step", "velocity", *velocity, value);
  backend.sgd_step(value, grad, velocity, settings);
}

void adam_step_inplace(Tensor& value, const Tensor& grad, Tensor& mean, Tensor& mean_square,
                       const AdamStep& settings) {
  Backend& backend = detail::backend_of("adam_step", {{"value", &value, Layout::dense},
                                                      {"grad", &grad, Layout::dense},
                                                      {"mean", &mean, Layout::dense},
                                                      {"mean_square", &mean_square, Layout::dense}});
  check_like("adam_step", "grad", grad, value);
  check_like("adam_step", "mean", mean, value);
  check_like("adam_step", "mean_square", mean_square, value);
  CNN_CHECK(settings.step >= 1, StateError,
            "[adam_step] step " + std::to_string(settings.step) + " asked for; the first step is 1");
  backend.adam_step(value, grad, mean, mean_square, settings);
}

}  // namespace cnn::ops
