// SPDX-License-Identifier: MIT
#pragma once

#include <vector>

#include "common/backend/operation.hpp"

namespace cnn::ops {

/// y += scale * x, in one pass with what follows.
/// \param y         added to
/// \param x         same shape
/// \param scale     factor
/// \param epilogue  what happens to the sum on its way to memory
/// \throws ShapeError  shapes differ
void add_scaled_inplace(Tensor& y, const Tensor& x, float scale = 1, const Epilogue& epilogue = {});

/// One step of stochastic gradient descent on all parameters of a network:
/// \f$ g \mathrel{+}= \lambda\theta,\; v = \mu v + g,\; \theta \mathrel{-}= \eta v \f$.
/// \param parameters  on one device; changed
/// \param settings    rates of the step
/// \throws ShapeError  the tensors of a parameter differ in shape
void sgd_step_inplace(const std::vector<SgdParameter>& parameters, const SgdStep& settings);

/// One step of Adam on all parameters of a network:
/// \f$ m = \beta_1 m + (1-\beta_1) g,\; v = \beta_2 v + (1-\beta_2) g^2,\;
///     \theta \mathrel{-}= \eta\, \hat m / (\sqrt{\hat v} + \epsilon) \f$ with \f$ \hat m = m/(1-\beta_1^t) \f$,
/// \f$ \hat v = v/(1-\beta_2^t) \f$.
/// \param parameters  on one device; changed
/// \param settings    rates and number of the step
/// \throws ShapeError  the tensors of a parameter differ in shape
/// \throws StateError  the number of the step is below 1
/// \see    D. Kingma and J. Ba, "Adam: a method for stochastic optimization" (2015)
void adam_step_inplace(const std::vector<AdamParameter>& parameters, const AdamStep& settings);

}  // namespace cnn::ops
