// SPDX-License-Identifier: MIT
#pragma once

#include <utility>

#include "common/backend/backend.hpp"

namespace cnn::ops {

/// \f$ y = f(x) \f$, element by element: \f$ 1 / (1 + e^{-x}) \f$ for Activation::sigmoid, \f$ \max(x, 0) \f$ for
/// Activation::relu.
/// \param x  any shape
/// \param f  the function
/// \return   same shape, dense
Tensor activation(const Tensor& x, Activation f);

/// activation() written over its input.
/// \param x  overwritten
/// \param f  the function
void activation_inplace(Tensor& x, Activation f);

/// \f$ \bar x = \bar y\, f'(x) \f$ in terms of the output, which is why the layers save y and not x:
/// \f$ \bar y\, y\, (1 - y) \f$ for the sigmoid; for the ReLU \f$ \bar y \f$ where y > 0, else 0, so that the derivative at
/// x = 0 is taken as 0, as in PyTorch.
/// \param grad_y  dL/dy; if it is dense and nobody else holds its storage, dL/dx is written over it
/// \param y       what activation() returned
/// \param f       the function
/// \return        dL/dx
/// \throws ShapeError  shapes differ
Tensor activation_backward(Tensor grad_y, const Tensor& y, Activation f);

/// activation() with the sigmoid. \param x any shape \return same shape, dense
inline Tensor sigmoid(const Tensor& x) { return activation(x, Activation::sigmoid); }

/// activation_backward() of the sigmoid. \param grad_y dL/dy \param y what sigmoid() returned \return dL/dx
inline Tensor sigmoid_backward(Tensor grad_y, const Tensor& y) {
  return activation_backward(std::move(grad_y), y, Activation::sigmoid);
}

/// activation() with the ReLU. \param x any shape \return same shape, dense
inline Tensor relu(const Tensor& x) { return activation(x, Activation::relu); }

/// activation_backward() of the ReLU. \param grad_y dL/dy \param y what relu() returned \return dL/dx
inline Tensor relu_backward(Tensor grad_y, const Tensor& y) {
  return activation_backward(std::move(grad_y), y, Activation::relu);
}

}  // namespace cnn::ops
