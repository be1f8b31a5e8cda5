// SPDX-License-Identifier: MIT
#pragma once

#include <utility>

#include "common/backend/operation.hpp"

namespace cnn::ops {

/// \f$ y = f(x) \f$, element by element: \f$ 1 / (1 + e^{-x}) \f$ for Activation::sigmoid, \f$ \max(x, 0) \f$ for
/// Activation::relu.
/// \param x  any shape; if nobody else holds its storage, y is written over it
/// \param f  the function
/// \return   same shape; dense if it is new
Tensor activation(Tensor x, Activation f);

/// \f$ \bar x = \bar y\, f'(x) \f$, in terms of the output unless saves_input(f), which is why the layers save y and not x:
/// \f$ \bar y\, y\, (1 - y) \f$ for the sigmoid; for the ReLU \f$ \bar y \f$ where y > 0, else 0, so that the derivative at
/// x = 0 is taken as 0, as in PyTorch.
/// \param grad_y  dL/dy; if it is dense and nobody else holds its storage, dL/dx is written over it
/// \param y       what activation() returned; what it was given if saves_input(f)
/// \param f       the function
/// \return        dL/dx
/// \throws ShapeError  shapes differ
Tensor activation_backward(Tensor grad_y, const Tensor& y, Activation f);

/// activation() with the sigmoid. \param x any shape \return same shape
inline Tensor sigmoid(Tensor x) { return activation(std::move(x), Activation::sigmoid); }

/// activation_backward() of the sigmoid. \param grad_y dL/dy \param y what sigmoid() returned \return dL/dx
inline Tensor sigmoid_backward(Tensor grad_y, const Tensor& y) {
  return activation_backward(std::move(grad_y), y, Activation::sigmoid);
}

/// activation() with the ReLU. \param x any shape \return same shape
inline Tensor relu(Tensor x) { return activation(std::move(x), Activation::relu); }

/// activation_backward() of the ReLU. \param grad_y dL/dy \param y what relu() returned \return dL/dx
inline Tensor relu_backward(Tensor grad_y, const Tensor& y) {
  return activation_backward(std::move(grad_y), y, Activation::relu);
}

}  // namespace cnn::ops
