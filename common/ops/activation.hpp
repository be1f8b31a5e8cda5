// SPDX-License-Identifier: MIT
#pragma once

#include "common/backend/backend.hpp"

namespace cnn::ops {

/// \f$ y = 1 / (1 + e^{-x}) \f$, element by element.
/// \param x  any shape
/// \return   same shape, dense
Tensor sigmoid(const Tensor& x);

/// sigmoid() written over its input.
/// \param x  overwritten
void sigmoid_inplace(Tensor& x);

/// \f$ \bar x = \bar y\, y\, (1 - y) \f$: the derivative in terms of the output, which is why the layer keeps y and not x.
/// \param grad_y  dL/dy; if it is dense and nobody else holds its storage, dL/dx is written over it
/// \param y       what sigmoid() returned
/// \return        dL/dx
/// \throws ShapeError  shapes differ
Tensor sigmoid_backward(Tensor grad_y, const Tensor& y);

/// \f$ y = \max(x, 0) \f$, element by element.
/// \param x  any shape
/// \return   same shape, dense
Tensor relu(const Tensor& x);

/// relu() written over its input.
/// \param x  overwritten
void relu_inplace(Tensor& x);

/// \f$ \bar x = \bar y \f$ where y > 0, else 0; at x = 0 the derivative is taken as 0, as in PyTorch.
/// \param grad_y  dL/dy; if it is dense and nobody else holds its storage, dL/dx is written over it
/// \param y       what relu() returned
/// \return        dL/dx
/// \throws ShapeError  shapes differ
Tensor relu_backward(Tensor grad_y, const Tensor& y);

}  // namespace cnn::ops
