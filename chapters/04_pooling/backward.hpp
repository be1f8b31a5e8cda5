// SPDX-License-Identifier: MIT
#pragma once

#include "chapters/04_pooling/pool2d.hpp"

namespace cnn::pooling {

/// Where the maximum of a window is; of equal values the first in reading order.
/// \param x     one channel, with its border
/// \param size  height and width of the window, in pixels
/// \param top   first row of the window
/// \param left  first column of the window
/// \return      row and column
//! [argmax]
inline std::array<std::size_t, 2> position_of_maximum(const Plane& x, Size2d size,
                                                      std::size_t top,
                                                      std::size_t left) {
  const auto [kh, kw] = rows_and_columns(size);
  std::array<std::size_t, 2> best{top, left};
  for (std::size_t row = top; row < top + kh; ++row) {
    for (std::size_t column = left; column < left + kw; ++column) {
      if (x(row, column) > x(best[0], best[1])) best = {row, column};
    }
  }
  return best;
}
//! [argmax]

/// Gradient of pool2d(). The maximum hands the gradient of a window to the one element it came from, the average
/// hands every element an equal share; what several windows send to one element adds up.
///
/// \f[ \bar x_{r,q} = \sum_{i,j} \bar y_{i,j}\,[\,(r,q) \text{ is the maximum of window } (i,j)\,] \quad\text{or}\quad
///     \bar x_{r,q} = \sum_{i,j} \frac{\bar y_{i,j}}{k_h k_w}\,[\,(r,q) \text{ is in window } (i,j)\,] \f]
///
/// \param grad_y  dL/dy, [oh, ow]
/// \param x       what pool2d() was given, [ih, iw]
/// \param window  what pool2d() was given
/// \param mode    what pool2d() was given
/// \return        dL/dx, [ih, iw]
//! [backward]
inline Plane pool2d_backward(const Plane& grad_y, const Plane& x,
                             const Window& window, Mode mode) {
  const auto [kh, kw] = rows_and_columns(window.size);
  const auto [sh, sw] = rows_and_columns(window.stride);
  const auto [ph, pw] = rows_and_columns(window.padding);
  const Plane padded = with_border(x, window.padding, border_value(mode));
  Plane grad = xt::zeros_like(padded);
  for (std::size_t i = 0; i < grad_y.shape(0); ++i) {
    for (std::size_t j = 0; j < grad_y.shape(1); ++j) {
      if (mode == Mode::max) {
        grad[position_of_maximum(padded, window.size, i * sh, j * sw)] +=
            grad_y(i, j);
      } else {
        const float share = grad_y(i, j) / static_cast<float>(kh * kw);
        xt::view(grad, xt::range(i * sh, i * sh + kh),
                 xt::range(j * sw, j * sw + kw)) += share;
      }
    }
  }
  return xt::view(grad, xt::range(ph, ph + x.shape(0)),
                  xt::range(pw, pw + x.shape(1)));
}
//! [backward]

/// Estimates the gradient of a scalar function, one element at a time: \f$ (f(a + h e) - f(a - h e)) / 2h \f$.
/// \param f     takes a Plane, returns a number
/// \param at    where; taken by value, because each element is moved in turn
/// \param step  h; small enough not to change which element of a window is the largest
/// \return      same shape as `at`
template <typename Function>
Plane central_differences(const Function& f, Plane at, float step) {
  Plane grad = xt::zeros_like(at);
  for (std::size_t e = 0; e < at.size(); ++e) {
    const float here = at.data()[e];
    at.data()[e] = here + step;
    const double up = f(at);
    at.data()[e] = here - step;
    const double down = f(at);
    at.data()[e] = here;
    grad.data()[e] =
        static_cast<float>((up - down) / (2.0 * static_cast<double>(step)));
  }
  return grad;
}

}  // namespace cnn::pooling
