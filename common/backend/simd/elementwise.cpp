// SPDX-License-Identifier: MIT
#include <cmath>

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

void SimdBackend::sigmoid(Tensor& y, const Tensor& x) {
  parallel_for(x.size(), grain, [&](Index first, Index last) {
    elementwise().sigmoid(y.data() + first, x.data() + first, last - first);
  });
}

void SimdBackend::sigmoid_backward(Tensor& grad_x, const Tensor& grad_y, const Tensor& y) {
  parallel_for(y.size(), grain, [&](Index first, Index last) {
    elementwise().sigmoid_backward(grad_x.data() + first, grad_y.data() + first, y.data() + first,
                                   last - first);
  });
}

void SimdBackend::relu(Tensor& y, const Tensor& x) {
  parallel_for(x.size(), grain, [&](Index first, Index last) {
    elementwise().relu(y.data() + first, x.data() + first, last - first);
  });
}

void SimdBackend::relu_backward(Tensor& grad_x, const Tensor& grad_y, const Tensor& y) {
  parallel_for(y.size(), grain, [&](Index first, Index last) {
    elementwise().relu_backward(grad_x.data() + first, grad_y.data() + first, y.data() + first, last - first);
  });
}

void SimdBackend::add_relu(Tensor& y, const Tensor& x) {
  parallel_for(x.size(), grain, [&](Index first, Index last) {
    elementwise().add_relu(y.data() + first, x.data() + first, last - first);
  });
}

void SimdBackend::add_scaled(Tensor& y, const Tensor& x, float scale) {
  parallel_for(x.size(), grain, [&](Index first, Index last) {
    elementwise().add_scaled(y.data() + first, x.data() + first, scale, last - first);
  });
}

void SimdBackend::multiply(Tensor& y, const Tensor& a, const Tensor& b) {
  parallel_for(y.size(), grain, [&](Index first, Index last) {
    elementwise().multiply(y.data() + first, a.data() + first, b.data() + first, last - first);
  });
}

void SimdBackend::sgd_step(Tensor& value, const Tensor& grad, Tensor* velocity, const SgdStep& s) {
  parallel_for(value.size(), grain, [&](Index first, Index last) {
    if (velocity == nullptr) {
      elementwise().sgd_step(value.data() + first, grad.data() + first, s.weight_decay, s.learning_rate,
                             last - first);
    } else {
      elementwise().momentum_step(value.data() + first, grad.data() + first, velocity->data() + first,
                                  s.weight_decay, s.momentum, s.learning_rate, last - first);
    }
  });
}

void SimdBackend::adam_step(Tensor& value, const Tensor& grad, Tensor& mean, Tensor& mean_square,
                            const AdamStep& s) {
  const auto t = static_cast<double>(s.step);
  const simd::AdamFactors factors{
      .decay = static_cast<float>(s.weight_decay),
      .take_mean = static_cast<float>(1 - s.beta1),
      .keep_square = static_cast<float>(s.beta2),
      .take_square = static_cast<float>(1 - s.beta2),
      .root_correction = static_cast<float>(std::sqrt(1 - std::pow(s.beta2, t))),
      .epsilon = static_cast<float>(s.epsilon),
      .step_size = static_cast<float>(s.learning_rate / (1 - std::pow(s.beta1, t)))};
  parallel_for(value.size(), grain, [&](Index first, Index last) {
    elementwise().adam_step(value.data() + first, grad.data() + first, mean.data() + first,
                            mean_square.data() + first, factors, last - first);
  });
}

}  // namespace cnn
