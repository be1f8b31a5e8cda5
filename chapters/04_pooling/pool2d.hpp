// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <limits>
#include <string>

#include "common/tensor/view.hpp"

/// Section 5.4: maximum and average pooling, written with xtensor.
namespace cnn::pooling {

using Plane = xt::xtensor<float, 2>;  ///< one channel of an image, [h, w]
using Image = xt::xtensor<float, 3>;  ///< an image, [c, h, w]

/// What becomes of the numbers in a window.
enum class Mode {
  max,      ///< the largest one
  average,  ///< their mean
};

/// The window, how far it moves, and the border around the image, in pixels. As in deep learning libraries, a
/// window given without a stride moves by its own size.
struct Window {
  Size2d size;                 ///< height and width
  Size2d stride = size;        ///< rows and columns from one window to the next
  Size2d padding = Size2d{0};  ///< rows above and below, columns left and right
};

/// \param size  height and width
/// \return      the same two numbers in xtensor's type
inline std::array<std::size_t, 2> rows_and_columns(Size2d size) {
  return {static_cast<std::size_t>(size.h), static_cast<std::size_t>(size.w)};
}

/// Pools one channel as the book does first: the window moves by one pixel, and there is no padding.
/// \param x       one channel, [ih, iw]
/// \param window  height and width of the window, in pixels
/// \param mode    maximum or average
/// \return        [ih - height + 1, iw - width + 1]
/// \throws ShapeError  the window is larger than the image
//! [first]
inline Plane pool2d(const Plane& x, Size2d window, Mode mode) {
  const auto [kh, kw] = rows_and_columns(window);
  CNN_CHECK(kh <= x.shape(0) && kw <= x.shape(1), ShapeError,
            std::string("[pool2d] the window ") + to_string(window) +
                " is larger than the image; take a smaller window");
  Plane y = xt::zeros<float>({x.shape(0) - kh + 1, x.shape(1) - kw + 1});
  for (std::size_t i = 0; i < y.shape(0); ++i) {
    for (std::size_t j = 0; j < y.shape(1); ++j) {
      const auto values = xt::view(x, xt::range(i, i + kh), xt::range(j, j + kw));
      y(i, j) = mode == Mode::max ? xt::amax(values)()
                                  : xt::sum(values)() / static_cast<float>(kh * kw);
    }
  }
  return y;
}
//! [first]

/// \param mode  maximum or average
/// \return      what padding is made of: minus infinity, which is never the largest, or zeros, which count in the
///              mean
//! [border]
inline float border_value(Mode mode) {
  return mode == Mode::max ? -std::numeric_limits<float>::infinity() : 0.0F;
}

/// Puts a border around one channel.
/// \param x        one channel, [ih, iw]
/// \param padding  rows above and below, columns left and right, in pixels
/// \param value    what the border is made of
/// \return         [ih + 2 rows, iw + 2 columns]
inline Plane with_border(const Plane& x, Size2d padding, float value) {
  const auto [rows, columns] = rows_and_columns(padding);
  Plane padded =
      value * xt::ones<float>({x.shape(0) + 2 * rows, x.shape(1) + 2 * columns});
  xt::view(padded, xt::range(rows, rows + x.shape(0)),
           xt::range(columns, columns + x.shape(1))) = x;
  return padded;
}
//! [border]

/// Pools one channel with a stride and padding: put a border around it, pool, and keep every s-th window.
///
/// \f[ y_{i,j} = \max_{u,v}\; x_{i s_h + u - p_h,\; j s_w + v - p_w} \quad\text{or}\quad
///     y_{i,j} = \frac{1}{k_h k_w} \sum_{u,v} x_{i s_h + u - p_h,\; j s_w + v - p_w} \f]
///
/// \param x       one channel, [ih, iw]
/// \param window  size, stride and padding, in pixels
/// \param mode    maximum or average
/// \return        [(ih + 2 ph - kh) / sh + 1, (iw + 2 pw - kw) / sw + 1], both rounded down
/// \throws ShapeError  the window is larger than the padded image, or the padding larger than half the window
//! [stride]
inline Plane pool2d(const Plane& x, const Window& window, Mode mode) {
  CNN_CHECK(2 * window.padding.h <= window.size.h &&
                2 * window.padding.w <= window.size.w,
            ShapeError,
            std::string("[pool2d] the padding ") + to_string(window.padding) +
                " is more than half the window " + to_string(window.size) +
                "; take at most half, as in PyTorch");
  const auto [sh, sw] = rows_and_columns(window.stride);
  const Plane every_window =
      pool2d(with_border(x, window.padding, border_value(mode)), window.size, mode);
  return xt::view(every_window, xt::range(0, every_window.shape(0), sh),
                  xt::range(0, every_window.shape(1), sw));
}
//! [stride]

/// Pools each channel by itself: as many channels come out as went in.
/// \param x       an image, [c, ih, iw]
/// \param window  size, stride and padding, in pixels
/// \param mode    maximum or average
/// \return        [c, oh, ow]
/// \throws ShapeError  as for one channel
//! [channels]
inline Image pool2d(const Image& x, const Window& window, Mode mode) {
  const Plane first = pool2d(Plane{xt::view(x, 0)}, window, mode);
  Image y = Image::from_shape({x.shape(0), first.shape(0), first.shape(1)});
  xt::view(y, 0) = first;
  for (std::size_t c = 1; c < x.shape(0); ++c)
    xt::view(y, c) = pool2d(Plane{xt::view(x, c)}, window, mode);
  return y;
}
//! [channels]

}  // namespace cnn::pooling
