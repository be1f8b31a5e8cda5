// SPDX-License-Identifier: MIT
#include <cmath>

#include "common/backend/elements.hpp"
#include "common/backend/xtensor/xtensor_backend.hpp"
#include "common/core/threads.hpp"
#include "common/tensor/view.hpp"

// Each function is one line of xtensor over a piece of the tensor. noalias() writes into the tensor instead of into a new
// array, and factors are float: a double one would turn the whole expression into double.

namespace cnn {
namespace {

constexpr Index grain = 16384;  // 64 KiB of floats: several expressions over one piece find it in the cache

auto piece(float* data, Index first, Index last) {
  const std::array<std::size_t, 1> shape{static_cast<std::size_t>(last - first)};
  return xt::adapt(data + first, shape[0], xt::no_ownership(), shape);
}

auto piece(const float* data, Index first, Index last) {
  const std::array<std::size_t, 1> shape{static_cast<std::size_t>(last - first)};
  return xt::adapt(data + first, shape[0], xt::no_ownership(), shape);
}

}  // namespace

void XtensorBackend::activation(Tensor& y, const Tensor& x, Activation f) {
  if (f != Activation::sigmoid) return below().activation(y, x, f);
  const auto work = [&](const Elements& e) {
    const auto in = piece(e.of(x), 0, e.count);
    auto out = piece(e.of(y), 0, e.count);
    xt::noalias(out) = 1.0F / (1.0F + xt::exp(-in));
  };
  for_elements(grain, work, y, x);
}

void XtensorBackend::activation_backward(Tensor& grad_x, const Tensor& grad_y, const Tensor& y,
                                         Activation f) {
  if (f != Activation::sigmoid) return below().activation_backward(grad_x, grad_y, y, f);
  const auto work = [&](const Elements& e) {
    const auto grad = piece(e.of(grad_y), 0, e.count);
    const auto output = piece(e.of(y), 0, e.count);
    auto result = piece(e.of(grad_x), 0, e.count);
    xt::noalias(result) = grad * output * (1.0F - output);
  };
  for_elements(grain, work, grad_x, grad_y, y);
}

void XtensorBackend::adam_step(const std::vector<AdamParameter>& parameters, const AdamStep& s) {
  const auto t = static_cast<double>(s.step);
  const auto decay = static_cast<float>(s.weight_decay);
  const auto keep_square = static_cast<float>(s.beta2);
  const auto take_mean = static_cast<float>(1 - s.beta1);
  const auto take_square = static_cast<float>(1 - s.beta2);
  const auto epsilon = static_cast<float>(s.epsilon);
  const auto root_correction = static_cast<float>(std::sqrt(1 - std::pow(s.beta2, t)));
  const auto step_size = static_cast<float>(s.learning_rate / (1 - std::pow(s.beta1, t)));
  for (AdamParameter p : parameters)
    parallel_for(p.value.size(), grain, [&](Index first, Index last) {
      auto theta = piece(p.value.data(), first, last);
      const auto g = piece(std::as_const(p.grad).data(), first, last) + decay * theta;
      auto m = piece(p.mean.data(), first, last);
      auto v = piece(p.mean_square.data(), first, last);
      xt::noalias(m) += take_mean * (g - m);
      xt::noalias(v) = v * keep_square + take_square * g * g;
      xt::noalias(theta) -= step_size * m / (xt::sqrt(v) / root_correction + epsilon);
    });
}

}  // namespace cnn
