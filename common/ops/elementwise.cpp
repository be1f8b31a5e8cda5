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

/// What computes where all parameters are; null if there are none.
template <typename Parameters>
Backend* backend_of_all(const char* operation, const Parameters& parameters) {
  if (parameters.empty()) return nullptr;
  const Device device = parameters.front().value.device();
  for (const auto& p : parameters)
    CNN_CHECK(p.value.device() == device, DeviceError,
              std::string("[") + operation + "] a parameter is on " + to_string(p.value.device()) +
                  ", the first one on " + to_string(device) + "; move the network as a whole");
  return &backend_for(device);
}

}  // namespace

void add_scaled_inplace(Tensor& y, const Tensor& x, float scale, const Epilogue& epilogue) {
  Backend& backend = detail::backend_of("add_scaled", {{"y", &y}, {"x", &x}});
  check_like("add_scaled", "x", x, y);
  detail::check_simple("add_scaled", epilogue);
  backend.add_scaled(y, x, scale, epilogue);
}

void sgd_step_inplace(const std::vector<SgdParameter>& parameters, const SgdStep& settings) {
  for (const SgdParameter& p : parameters) {
    const Tensor* const velocity = p.velocity.defined() ? &p.velocity : nullptr;
    detail::backend_of("sgd_step", {{"value", &p.value, Layout::dense},
                                    {"grad", &p.grad, Layout::dense},
                                    {"velocity", velocity, Layout::dense}});
    check_like("sgd_step", "grad", p.grad, p.value);
    if (velocity != nullptr) check_like("sgd_step", "velocity", p.velocity, p.value);
  }
  if (Backend* const backend = backend_of_all("sgd_step", parameters))
    backend->sgd_step(parameters, settings);
}

void adam_step_inplace(const std::vector<AdamParameter>& parameters, const AdamStep& settings) {
  for (const AdamParameter& p : parameters) {
    detail::backend_of("adam_step", {{"value", &p.value, Layout::dense},
                                     {"grad", &p.grad, Layout::dense},
                                     {"mean", &p.mean, Layout::dense},
                                     {"mean_square", &p.mean_square, Layout::dense}});
    check_like("adam_step", "grad", p.grad, p.value);
    check_like("adam_step", "mean", p.mean, p.value);
    check_like("adam_step", "mean_square", p.mean_square, p.value);
  }
  CNN_CHECK(settings.step >= 1, StateError,
            "[adam_step] step " + std::to_string(settings.step) + " asked for; the first step is 1");
  if (Backend* const backend = backend_of_all("adam_step", parameters))
    backend->adam_step(parameters, settings);
}

}  // namespace cnn::ops
