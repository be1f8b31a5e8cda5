// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>

#include "common/backend/operation.hpp"
#include "common/backend/reference/activation.hpp"

namespace cnn::reference {

// The arithmetic is PyTorch's, operation by operation: factors are computed in double and rounded once to the type of the
// parameter, so that equal gradients give equal weights.

/// \f$ y \mathrel{+}= s\, x \f$
/// \param y               added to
/// \param x               input
/// \param scale           factor s
/// \param count           number of elements
/// \param ends_with_relu  whether y becomes max(y, 0) afterwards
template <typename T>
void add_scaled(T* y, const T* x, T scale, Index count, bool ends_with_relu = false) {
  for (Index k = 0; k < count; ++k) {
    const T sum = y[k] + scale * x[k];
    y[k] = ends_with_relu ? relu(sum) : sum;
  }
}

/// y = x scale where the mask is not 0, else y = 0 x
/// \param y      overwritten; may be x
/// \param x      input
/// \param mask   which elements stay
/// \param scale  their factor
/// \param count  number of elements
template <typename T>
void dropout(T* y, const T* x, const std::uint8_t* mask, T scale, Index count) {
  for (Index k = 0; k < count; ++k) y[k] = x[k] * (mask[k] != 0 ? scale : T{0});
}

/// \f$ g \mathrel{+}= \lambda\theta,\; v = \mu v + g,\; \theta \mathrel{-}= \eta v \f$; a velocity of zeros makes the first
/// step v = g.
/// \param value     parameter, changed
/// \param grad      its gradient
/// \param velocity  changed; null without momentum
/// \param s         rates
/// \param count     number of elements
template <typename T>
void sgd_step(T* value, const T* grad, T* velocity, const SgdStep& s, Index count) {
  const auto decay = static_cast<T>(s.weight_decay);
  const auto momentum = static_cast<T>(s.momentum);
  const auto rate = static_cast<T>(s.learning_rate);
  parallel_for(count, elementwise_grain, [=](Index first, Index last) {
    for (Index k = first; k < last; ++k) {
      T g = grad[k] + decay * value[k];
      if (velocity != nullptr) g = velocity[k] = momentum * velocity[k] + g;
      value[k] -= rate * g;
    }
  });
}

/// \f$ m \mathrel{+}= (1-\beta_1)(g - m),\; v = \beta_2 v + (1-\beta_2) g^2,\;
///     \theta \mathrel{-}= \frac{\eta}{1-\beta_1^t}\, m \Big/ \Big( \frac{\sqrt v}{\sqrt{1-\beta_2^t}} + \epsilon \Big) \f$
/// \param value        parameter, changed
/// \param grad         its gradient
/// \param mean         m, changed
/// \param mean_square  v, changed
/// \param s            rates and number of the step
/// \param count        number of elements
template <typename T>
void adam_step(T* value, const T* grad, T* mean, T* mean_square, const AdamStep& s, Index count) {
  const auto t = static_cast<double>(s.step);
  const auto decay = static_cast<T>(s.weight_decay);
  const auto keep_square = static_cast<T>(s.beta2);
  const auto take_mean = static_cast<T>(1 - s.beta1);
  const auto take_square = static_cast<T>(1 - s.beta2);
  const auto epsilon = static_cast<T>(s.epsilon);
  const auto root_correction = static_cast<T>(std::sqrt(1 - std::pow(s.beta2, t)));
  const auto step_size = static_cast<T>(s.learning_rate / (1 - std::pow(s.beta1, t)));
  parallel_for(count, elementwise_grain, [=](Index first, Index last) {
    for (Index k = first; k < last; ++k) {
      const T g = grad[k] + decay * value[k];
      mean[k] += take_mean * (g - mean[k]);
      mean_square[k] = mean_square[k] * keep_square + take_square * g * g;
      const T denominator = std::sqrt(mean_square[k]) / root_correction + epsilon;
      value[k] -= step_size * mean[k] / denominator;
    }
  });
}

}  // namespace cnn::reference
