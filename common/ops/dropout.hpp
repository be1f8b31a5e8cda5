// SPDX-License-Identifier: MIT
#pragma once

#include "common/backend/backend.hpp"
#include "common/core/random.hpp"

namespace cnn::ops {

/// Draws which elements a dropout keeps: \f$ m_k = 1/(1-p) \f$ with probability 1 - p, else 0, so that the mean stays.
///
/// For each element, in memory order, one 64-bit number v is drawn; the element is kept if
/// \f$ (v \bmod 2^{53})\, 2^{-53} < 1 - p \f$. So the mask is PyTorch's for the same generator, on processors for which PyTorch
/// does not draw it with Intel's MKL. As there, nothing is drawn for p = 0 and p = 1.
/// \param shape   sizes of the axes
/// \param p       probability that an element is dropped, 0 ... 1
/// \param rng     what is drawn from
/// \param device  where the mask is needed; it is drawn on the host
/// \return        the mask
/// \throws UsageError  p is not a probability
/// \see    N. Srivastava et al., "Dropout: a simple way to prevent neural networks from overfitting" (2014)
Tensor dropout_mask(const Shape& shape, double p, Rng& rng, Device device = {});

/// \f$ y_k = a_k b_k \f$, element by element.
/// \param a  any shape
/// \param b  same shape
/// \return   same shape, dense
/// \throws ShapeError  shapes differ
Tensor multiply(const Tensor& a, const Tensor& b);

/// multiply() written over its first factor.
/// \param a  overwritten
/// \param b  same shape
/// \throws ShapeError  shapes differ
void multiply_inplace(Tensor& a, const Tensor& b);

}  // namespace cnn::ops
