// SPDX-License-Identifier: MIT
#pragma once

#include "common/backend/backend.hpp"

namespace cnn::ops {

/// y += scale * x, in one pass with what follows.
/// \param y         added to
/// \param x         same shape
/// \param scale     factor
/// \param epilogue  what happens to the sum on its way to memory
/// \throws ShapeError  shapes differ
void add_scaled_inplace(Tensor& y, const Tensor& x, float scale = 1, const Epilogue& epilogue = {});

/// One step of stochastic gradient descent on one parameter:
/// \f$ g \mathrel{+}= \lambda\theta,\; v = \mu v + g,\; \theta \mathrel{-}= \eta v \f$.
/// \param value     the parameter, changed
/// \param grad      its gradient
/// \param velocity  changed; null when the momentum is 0
/// \param settings  rates of the step
/// \throws ShapeError  shapes differ
void sgd_step_inplace(Tensor& value, const Tensor& grad, Tensor* velocity, const SgdStep& settings);

/// One step of Adam on one parameter:
/// \f$ m = \beta_1 m + (1-\beta_1) g,\; v = \beta_2 v + (1-\beta_2) g^2,\;
///     \theta \mathrel{-}= \eta\, \hat m / (\sqrt{\hat v} + \epsilon) \f$ with \f$ \hat m = m/(1-\beta_1^t) \f$, \f$ \hat v = v/(1-\beta_2^t) \f$.
/// \param value        the parameter, changed
/// \param grad         its gradient
/// \param mean         first moment m, changed
/// \param mean_square  second moment v, changed
/// \param settings     rates and number of the step
/// \throws ShapeError  shapes differ
/// \see    D. Kingma and J. Ba, "Adam: a method for stochastic optimization" (2015)
void adam_step_inplace(Tensor& value, const Tensor& grad, Tensor& mean, Tensor& mean_square,
                       const AdamStep& settings);

}  // namespace cnn::ops
