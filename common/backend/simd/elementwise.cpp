// SPDX-License-Identifier: MIT
#include <cmath>
#include <iterator>

#include "common/backend/elements.hpp"
#include "common/backend/simd/simd_backend.hpp"
#include "common/backend/simd/unfused.hpp"
#include "common/core/threads.hpp"

// Each function is one pass over memory, whose bandwidth is its limit: both cores stream over pieces of the arrays.

namespace cnn {
namespace {

constexpr Index grain =
    32768;  // 128 KiB of floats: less than this is done sooner than another thread is woken

const simd::ElementwiseKernels& elementwise() { return simd::unfused_kernels().elementwise; }

}  // namespace

void SimdBackend::activation(Tensor& y, const Tensor& x, Activation f) {
  const auto index = static_cast<std::size_t>(f);
  if (index >= std::size(elementwise().activation)) return below().activation(y, x, f);
  for_elements(
      grain, [&](const Elements& e) { elementwise().activation[index](e.of(y), e.of(x), e.count); }, y, x);
}

void SimdBackend::activation_backward(Tensor& grad_x, const Tensor& grad_y, const Tensor& y, Activation f) {
  const auto index = static_cast<std::size_t>(f);
  if (index >= std::size(elementwise().activation)) return below().activation_backward(grad_x, grad_y, y, f);
  const auto work = [&](const Elements& e) {
    elementwise().activation_backward[index](e.of(grad_x), e.of(grad_y), e.of(y), e.count);
  };
  for_elements(grain, work, grad_x, grad_y, y);
}

void SimdBackend::add_scaled(Tensor& y, const Tensor& x, float scale, const Epilogue& epilogue) {
  const auto work = [&](const Elements& e) {
    elementwise().add_scaled[epilogue.relu](e.of(y), e.of(x), scale, e.count);
  };
  for_elements(grain, work, y, x);
}

void SimdBackend::dropout(Tensor& y, const Tensor& x, const Tensor& mask, float scale) {
  for_elements(
      grain,
      [&](const Elements& e) {
        elementwise().dropout(e.of(y), e.of(x), mask.pixels() + e.offset(mask), scale, e.count);
      },
      y, x, mask);
}

void SimdBackend::sgd_step(const std::vector<SgdParameter>& parameters, const SgdStep& s) {
  for (SgdParameter p : parameters)
    parallel_for(p.value.size(), grain, [&](Index first, Index last) {
      float* const value = p.value.data() + first;
      const float* const grad = p.grad.data() + first;
      if (!p.velocity.defined()) {
        elementwise().sgd_step(value, grad, s.weight_decay, s.learning_rate, last - first);
      } else {
        elementwise().momentum_step(value, grad, p.velocity.data() + first, s.weight_decay, s.momentum,
                                    s.learning_rate, last - first);
      }
    });
}

void SimdBackend::adam_step(const std::vector<AdamParameter>& parameters, const AdamStep& s) {
  const auto t = static_cast<double>(s.step);
  const simd::AdamFactors factors{
      .decay = static_cast<float>(s.weight_decay),
      .take_mean = static_cast<float>(1 - s.beta1),
      .keep_square = static_cast<float>(s.beta2),
      .take_square = static_cast<float>(1 - s.beta2),
      .root_correction = static_cast<float>(std::sqrt(1 - std::pow(s.beta2, t))),
      .epsilon = static_cast<float>(s.epsilon),
      .step_size = static_cast<float>(s.learning_rate / (1 - std::pow(s.beta1, t)))};
  for (AdamParameter p : parameters)
    parallel_for(p.value.size(), grain, [&](Index first, Index last) {
      elementwise().adam_step(p.value.data() + first, p.grad.data() + first, p.mean.data() + first,
                              p.mean_square.data() + first, factors, last - first);
    });
}

}  // namespace cnn
