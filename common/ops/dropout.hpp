// SPDX-License-Identifier: MIT
#pragma once

#include "common/backend/operation.hpp"
#include "common/core/random.hpp"

namespace cnn::ops {

/// Draws which elements a dropout keeps: \f$ m_k = 1 \f$ with probability 1 - p, else 0.
///
/// For each element, in memory order, one 64-bit number v is drawn; the element is kept if
/// \f$ (v \bmod 2^{53})\, 2^{-53} < 1 - p \f$. So the mask is PyTorch's for the same generator, on processors for which PyTorch
/// does not draw it with Intel's MKL. As there, nothing is drawn for p = 0 and p = 1.
/// \param shape   sizes of the axes
/// \param p       probability that an element is dropped, 0 ... 1
/// \param rng     what is drawn from
/// \param device  where the mask is needed; it is drawn on the host, and for `meta` not at all
/// \return        the mask, u8
/// \throws UsageError  p is not a probability
/// \see    N. Srivastava et al., "Dropout: a simple way to prevent neural networks from overfitting" (2014)
Tensor dropout_mask(const Shape& shape, double p, Rng& rng, Device device = {});

/// \f$ y_k = x_k\, m_k / (1 - p) \f$: what is kept is scaled, so that the mean stays. The gradient takes the same way.
/// \param x     any shape; if it is dense and nobody else holds its storage, y is written over it
/// \param mask  u8, same shape, from dropout_mask()
/// \param p     what the mask was drawn with
/// \return      same shape, dense
/// \throws ShapeError   shapes differ
/// \throws UsageError   p is not a probability
/// \throws DeviceError  tensors are on different devices
Tensor dropout(Tensor x, const Tensor& mask, double p);

}  // namespace cnn::ops
