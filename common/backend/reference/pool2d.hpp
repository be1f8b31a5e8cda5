// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "common/backend/operation.hpp"
#include "common/backend/reference/array4.hpp"
#include "common/core/threads.hpp"

namespace cnn::reference {

// Shapes: x [n, c, ih, iw], y and indices [n, c, oh, ow]; gradients like what they belong to.
// Window (i, j) covers the pixels (i sh + u - ph, j sw + v - pw), u < kh, v < kw, as far as they lie in the image.

/// Rows or columns first ... last - 1 of an image.
struct Range {
  Index first;  ///< the first one
  Index last;   ///< one past the last one
};

/// \param position  number of a window, i or j
/// \param kernel    its size along this axis, kh or kw
/// \param stride    its step, sh or sw
/// \param padding   pixels added before the image, ph or pw
/// \param size      the image's size, ih or iw
/// \return          the part of the window that lies in the image
inline Range window(Index position, Index kernel, Index stride, Index padding, Index size) {
  const Index start = position * stride - padding;
  return {std::max<Index>(start, 0), std::min(start + kernel, size)};
}

/// Calls work(n, c, i, j, rows, columns) for every window of every channel, images in parallel.
/// \param y     the pooled images, [n, c, oh, ow]
/// \param x     the images, [n, c, ih, iw]
/// \param o     window, stride and padding, in pixels
/// \param work  what to do with a window
template <typename Y, typename X, typename Work>
void for_each_window(const Array4<Y>& y, const Array4<X>& x, const Pool2dOptions& o, const Work& work) {
  parallel_for(x.n, 1, [&](Index first, Index last) {
    for (Index n = first; n < last; ++n)
      for (Index c = 0; c < x.c; ++c)
        for (Index i = 0; i < y.h; ++i) {
          const Range rows = window(i, o.kernel.h, o.stride.h, o.padding.h, x.h);
          for (Index j = 0; j < y.w; ++j) {
            work(n, c, i, j, rows, window(j, o.kernel.w, o.stride.w, o.padding.w, x.w));
          }
        }
  });
}

/// \f$ y_{n,c,i,j} = \max_{u,v} x_{n,\,c,\; i s_h + u - p_h,\; j s_w + v - p_w} \f$ and the pixel it came from. Pixels in the
/// padding do not take part; the first of equal values wins; NaN wins over numbers, as in PyTorch.
/// \param y        maxima, overwritten
/// \param indices  row * iw + column of each maximum, overwritten; none if its data is null
/// \param x        images
/// \param o        window, stride and padding, in pixels
template <typename T>
void max_pool2d(const Array4<T>& y, const Array4<std::int32_t>& indices, const Array4<const T>& x,
                const Pool2dOptions& o) {
  for_each_window(y, x, o, [&](Index n, Index c, Index i, Index j, Range rows, Range columns) {
    T maximum = x(n, c, rows.first, columns.first);
    Index best = rows.first * x.w + columns.first;
    for (Index row = rows.first; row < rows.last; ++row)
      for (Index column = columns.first; column < columns.last; ++column) {
        const T value = x(n, c, row, column);
        const bool wins = value > maximum || std::isnan(value);
        maximum = wins ? value : maximum;
        best = wins ? row * x.w + column : best;
      }
    y(n, c, i, j) = maximum;
    if (indices.data != nullptr) indices(n, c, i, j) = static_cast<std::int32_t>(best);
  });
}

/// \f$ \bar x_{\mathrm{indices}(n,c,i,j)} \mathrel{+}= \bar y_{n,c,i,j} \f$: only the pixel that won can change the maximum.
/// \param grad_x   overwritten
/// \param grad_y   gradient of the maxima
/// \param indices  what max_pool2d() wrote
template <typename T>
void max_pool2d_backward(const Array4<T>& grad_x, const Array4<const T>& grad_y,
                         const Array4<const std::int32_t>& indices) {
  parallel_for(grad_x.n, 1, [&](Index first, Index last) {
    for (Index n = first; n < last; ++n)
      for (Index c = 0; c < grad_x.c; ++c) {
        T* const channel = &grad_x(n, c, 0, 0);
        std::fill_n(channel, grad_x.h * grad_x.w, T{0});
        for (Index i = 0; i < grad_y.h; ++i)
          for (Index j = 0; j < grad_y.w; ++j) channel[indices(n, c, i, j)] += grad_y(n, c, i, j);
      }
  });
}

/// \f$ y_{n,c,i,j} = \frac{1}{k_h k_w} \sum_{u,v} x_{n,\,c,\; i s_h + u - p_h,\; j s_w + v - p_w} \f$; padding counts as zeros.
/// \param y  means, overwritten
/// \param x  images
/// \param o  window, stride and padding, in pixels
template <typename T>
void avg_pool2d(const Array4<T>& y, const Array4<const T>& x, const Pool2dOptions& o) {
  const auto area = static_cast<T>(o.kernel.h * o.kernel.w);
  for_each_window(y, x, o, [&](Index n, Index c, Index i, Index j, Range rows, Range columns) {
    T sum = 0;
    for (Index row = rows.first; row < rows.last; ++row)
      for (Index column = columns.first; column < columns.last; ++column) sum += x(n, c, row, column);
    y(n, c, i, j) = sum / area;
  });
}

/// \f$ \bar x_{n,\,c,\; i s_h + u - p_h,\; j s_w + v - p_w} \mathrel{+}= \frac{1}{k_h k_w} \bar y_{n,c,i,j} \f$
/// \param grad_x  overwritten
/// \param grad_y  gradient of the means
/// \param o       window, stride and padding, in pixels
//! [average backward]
template <typename T>
void avg_pool2d_backward(const Array4<T>& grad_x,  // [n, c, ih, iw]
                         const Array4<const T>& grad_y, const Pool2dOptions& o) {
  const auto area = static_cast<T>(o.kernel.h * o.kernel.w);
  for (Index n = 0; n < grad_x.n; ++n)  // images may lie apart
    std::fill_n(&grad_x(n, 0, 0, 0), grad_x.c * grad_x.h * grad_x.w, T{0});
  auto spread = [&](Index n, Index c, Index i, Index j, Range rows, Range columns) {
    for (Index row = rows.first; row < rows.last; ++row)
      for (Index column = columns.first; column < columns.last; ++column)
        grad_x(n, c, row, column) += grad_y(n, c, i, j) / area;
  };
  for_each_window(grad_y, grad_x, o, spread);
}
//! [average backward]

}  // namespace cnn::reference
