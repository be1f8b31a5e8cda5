// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>

#include "common/backend/operation.hpp"
#include "common/core/shape.hpp"
#include "common/core/threads.hpp"

namespace cnn::reference {

/// Elements a thread takes at a time in element-by-element loops.
inline constexpr Index elementwise_grain = 16384;

/// \f$ y = 1 / (1 + e^{-x}) \f$
/// \param y      overwritten; may be x
/// \param x      input
/// \param count  number of elements
template <typename T>
void sigmoid(T* y, const T* x, Index count) {
  for (Index k = 0; k < count; ++k) y[k] = 1 / (1 + std::exp(-x[k]));
}

/// \f$ \bar x = \bar y\, y\, (1 - y) \f$
/// \param grad_x  overwritten; may be grad_y
/// \param grad_y  gradient of the output
/// \param y       output of sigmoid()
/// \param count   number of elements
//! [sigmoid backward]
template <typename T>
void sigmoid_backward(T* grad_x, const T* grad_y, const T* y, Index count) {
  for (Index k = 0; k < count; ++k) grad_x[k] = grad_y[k] * y[k] * (1 - y[k]);
}
//! [sigmoid backward]

/// \param x  a number
/// \return   \f$ \max(x, 0) \f$; NaN stays NaN
template <typename T>
T relu(T x) {
  return x < 0 ? T{0} : x;
}

/// \f$ y = \max(x, 0) \f$
/// \param y      overwritten; may be x
/// \param x      input
/// \param count  number of elements
//! [relu]
template <typename T>
void relu(T* y, const T* x, Index count) {
  for (Index k = 0; k < count; ++k) y[k] = relu(x[k]);
}
//! [relu]

/// \f$ \bar x = \bar y \f$ where y > 0, else 0
/// \param grad_x  overwritten; may be grad_y
/// \param grad_y  gradient of the output
/// \param y       output of relu()
/// \param count   number of elements
//! [relu backward]
template <typename T>
void relu_backward(T* grad_x, const T* grad_y, const T* y, Index count) {
  for (Index k = 0; k < count; ++k) grad_x[k] = y[k] <= 0 ? T{0} : grad_y[k];
}
//! [relu backward]

/// y = f(x)
/// \param y      overwritten; may be x
/// \param x      input
/// \param f      one of the functions above
/// \param count  number of elements
template <typename T>
void activation(T* y, const T* x, Activation f, Index count) {
  switch (f) {
    case Activation::sigmoid:
      return sigmoid(y, x, count);
    case Activation::relu:
      return relu(y, x, count);
  }
}

/// \f$ \bar x = \bar y\, f'(x) \f$
/// \param grad_x  overwritten; may be grad_y
/// \param grad_y  gradient of the output
/// \param y       output of activation()
/// \param f       one of the functions above
/// \param count   number of elements
template <typename T>
void activation_backward(T* grad_x, const T* grad_y, const T* y, Activation f, Index count) {
  switch (f) {
    case Activation::sigmoid:
      return sigmoid_backward(grad_x, grad_y, y, count);
    case Activation::relu:
      return relu_backward(grad_x, grad_y, y, count);
  }
}

}  // namespace cnn::reference
