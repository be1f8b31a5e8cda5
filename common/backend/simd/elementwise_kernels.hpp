// SPDX-License-Identifier: MIT
#pragma once

// Included by unfused_<level>.cpp only, see there.

#include "common/backend/simd/registers.hpp"
#include "common/backend/simd/unfused.hpp"

namespace cnn::simd {
namespace {

/// \f$ e^x = 2^n e^r \f$ for x <= 0, with n the integer nearest to x / ln 2, so that |r| <= 0.35 and the series of e^r may end
/// with r^7/7!: the first term left out is below 2^-27. 2^n is made by writing n into the exponent of a float; where that
/// would be no longer a normal number, below -87.7, the result is 0. The error is below 2 units in the last place.
template <typename Arch>
Floats<Arch> exp_of_nonpositive(Floats<Arch> x) {
  using Vec = Floats<Arch>;
  using Int = Ints<Arch>;
  x = max(Vec(-88.0F), x);  // in this order NaN stays NaN
  const Vec round(
      12582912.0F);  // 1.5 * 2^23: a sum with it is rounded to an integer, which is in its last bits
  const Vec shifted = multiply_add(x, Vec(1.44269504F), round);
  const Vec n = shifted - round;
  const Vec high = x - n * Vec(0.693359375F);  // ln 2 in two parts, n times the first is exact
  const Vec r = multiply_add(n, Vec(2.12194440e-4F), high);
  constexpr float inverse_factorials[] = {1.0F / 720, 1.0F / 120, 1.0F / 24, 1.0F / 6, 1.0F / 2, 1.0F, 1.0F};
  Vec series(1.0F / 5040);
  for (const float coefficient : inverse_factorials) series = multiply_add(series, r, Vec(coefficient));
  const Int exponent = shift_left(bits_as<std::int32_t>(shifted) + Int(127), 23);
  return series * bits_as<float>(exponent);
}

template <typename Arch>
void relu(float* y, const float* x, Index count) {
  using Vec = Floats<Arch>;
  map<Arch>(
      count, [](Vec v) { return not_below_zero(v); }, y, x);
}

template <typename Arch>
void relu_backward(float* grad_x, const float* grad_y, const float* y, Index count) {
  using Vec = Floats<Arch>;
  map<Arch>(
      count, [](Vec grad, Vec out) { return where_positive(out, grad); }, grad_x, grad_y, y);
}

/// With e = exp(-|x|), which cannot overflow, 1 / (1 + exp(-x)) is 1 / (1 + e) right of zero and e / (1 + e) left of it.
template <typename Arch>
void sigmoid(float* y, const float* x, Index count) {
  using Vec = Floats<Arch>;
  map<Arch>(
      count,
      [](Vec v) {
        const Vec e = exp_of_nonpositive<Arch>(Vec(0.0F) - abs(v));
        return select(v < Vec(0.0F), e, Vec(1.0F)) / (Vec(1.0F) + e);
      },
      y, x);
}

template <typename Arch>
void sigmoid_backward(float* grad_x, const float* grad_y, const float* y, Index count) {
  using Vec = Floats<Arch>;
  map<Arch>(
      count, [](Vec grad, Vec out) { return grad * out * (Vec(1.0F) - out); }, grad_x, grad_y, y);
}

template <typename Arch, bool relu>
void add_scaled(float* y, const float* x, float scale, Index count) {
  using Vec = Floats<Arch>;
  const auto add = [s = Vec(scale)](Vec sum, Vec v) {
    const Vec total = sum + s * v;
    return relu ? not_below_zero(total) : total;
  };
  map<Arch>(count, add, y, y, x);
}

/// The compiler widens bytes to registers better than a call for each would.
template <typename Arch>
void dropout(float* y, const float* x, const std::uint8_t* mask, float scale, Index count) {
  for (Index k = 0; k < count; ++k) y[k] = x[k] * (mask[k] != 0 ? scale : 0.0F);
}

template <typename Arch>
void sgd_step(float* value, const float* grad, float decay, float rate, Index count) {
  using Vec = Floats<Arch>;
  const Vec lambda(decay), eta(rate);
  map<Arch>(
      count, [=](Vec theta, Vec g) { return theta - eta * (g + lambda * theta); }, value, value, grad);
}

template <typename Arch>
void momentum_step(float* value, const float* grad, float* velocity, float decay, float momentum, float rate,
                   Index count) {
  using Vec = Floats<Arch>;
  const Vec lambda(decay), mu(momentum), eta(rate);
  for_each_register<Arch>(
      count,
      [=](float* value_k, const float* grad_k, float* velocity_k) {
        const Vec theta = Vec::load_unaligned(value_k);
        const Vec v = mu * Vec::load_unaligned(velocity_k) + (Vec::load_unaligned(grad_k) + lambda * theta);
        v.store_unaligned(velocity_k);
        (theta - eta * v).store_unaligned(value_k);
      },
      value, grad, velocity);
}

/// One pass over memory: four streams in, three out.
template <typename Arch>
void adam_step(float* value, const float* grad, float* mean, float* mean_square, const AdamFactors& f,
               Index count) {
  using Vec = Floats<Arch>;
  for_each_register<Arch>(
      count,
      [=](float* value_k, const float* grad_k, float* mean_k, float* mean_square_k) {
        const Vec theta = Vec::load_unaligned(value_k);
        const Vec g = Vec::load_unaligned(grad_k) + Vec(f.decay) * theta;
        const Vec old_m = Vec::load_unaligned(mean_k);
        const Vec m = old_m + Vec(f.take_mean) * (g - old_m);
        const Vec v = Vec::load_unaligned(mean_square_k) * Vec(f.keep_square) + Vec(f.take_square) * g * g;
        const Vec root = sqrt(v) / Vec(f.root_correction) + Vec(f.epsilon);
        m.store_unaligned(mean_k);
        v.store_unaligned(mean_square_k);
        (theta - Vec(f.step_size) * m / root).store_unaligned(value_k);
      },
      value, grad, mean, mean_square);
}

template <typename Arch>
constexpr ElementwiseKernels elementwise_kernels() {
  return {.activation = {sigmoid<Arch>, relu<Arch>},
          .activation_backward = {sigmoid_backward<Arch>, relu_backward<Arch>},
          .add_scaled = {add_scaled<Arch, false>, add_scaled<Arch, true>},
          .dropout = dropout<Arch>,
          .sgd_step = sgd_step<Arch>,
          .momentum_step = momentum_step<Arch>,
          .adam_step = adam_step<Arch>};
}

}  // namespace
}  // namespace cnn::simd
