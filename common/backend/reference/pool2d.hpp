// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "common/backend/backend.hpp"
#include "common/backend/reference/array4.hpp"
#include "common/core/threads.hpp"

namespace cnn::reference {

// Shapes: x [n, c, ih, iw], y and where [n, c, oh, ow]; gradients like what they belong to.
// Window (i, j) covers the pixels (i sh + u - ph, j sw + v - pw), u < kh, v < kw.

/// \f$ y_{n,c,i,j} = \max_{u,v} x_{n,\,c,\; i s_h + u - p_h,\; j s_w + v - p_w} \f$ and the pixel it came from. Pixels in the
/// padding do not take part; the first of equal values wins; NaN wins over numbers, as in PyTorch.
/// \param y      maxima, overwritten
/// \param where  row * iw + column of each maximum, overwritten
/// \param x      images
/// \param o      window, stride and padding, in pixels
template <typename T>
void max_pool2d(const Array4<T>& y, const Array4<std::int64_t>& where, const Array4<const T>& x, const Pool2dOptions& o) {
  parallel_for(x.n, 1, [&](Index first, Index last) {
    for (Index n = first; n < last; ++n)
      for (Index c = 0; c < x.c; ++c)
        for (Index i = 0; i < y.h; ++i)
          for (Index j = 0; j < y.w; ++j) {
            Index best = -1;
            T maximum = 0;
            for (Index u = 0; u < o.kernel.h; ++u)
              for (Index v = 0; v < o.kernel.w; ++v) {
                const Index row = i * o.stride.h + u - o.padding.h;
                const Index column = j * o.stride.w + v - o.padding.w;
                if (!x.has(row, column)) continue;
                const T value = x(n, c, row, column);
                if (best >= 0 && !(value > maximum) && !std::isnan(value)) continue;
                best = row * x.w + column;
                maximum = value;
              }
            y(n, c, i, j) = maximum;
            where(n, c, i, j) = best;
          }
  });
}

/// \f$ \bar x_{\mathrm{where}(n,c,i,j)} \mathrel{+}= \bar y_{n,c,i,j} \f$: only the pixel that won can change the maximum.
/// \param grad_x  overwritten
/// \param grad_y  gradient of the maxima
/// \param where   what max_pool2d() wrote
template <typename T>
void max_pool2d_backward(const Array4<T>& grad_x, const Array4<const T>& grad_y, const Array4<const std::int64_t>& where) {
  parallel_for(grad_x.n, 1, [&](Index first, Index last) {
    for (Index n = first; n < last; ++n)
      for (Index c = 0; c < grad_x.c; ++c) {
        T* const channel = &grad_x(n, c, 0, 0);
        std::fill_n(channel, grad_x.h * grad_x.w, T{0});
        for (Index i = 0; i < grad_y.h; ++i)
          for (Index j = 0; j < grad_y.w; ++j) channel[where(n, c, i, j)] += grad_y(n, c, i, j);
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
  parallel_for(x.n, 1, [&](Index first, Index last) {
    for (Index n = first; n < last; ++n)
      for (Index c = 0; c < x.c; ++c)
        for (Index i = 0; i < y.h; ++i)
          for (Index j = 0; j < y.w; ++j) {
            T sum = 0;
            for (Index u = 0; u < o.kernel.h; ++u)
              for (Index v = 0; v < o.kernel.w; ++v) {
                const Index row = i * o.stride.h + u - o.padding.h;
                const Index column = j * o.stride.w + v - o.padding.w;
                if (x.has(row, column)) sum += x(n, c, row, column);
              }
            y(n, c, i, j) = sum / area;
          }
  });
}

/// \f$ \bar x_{n,\,c,\; i s_h + u - p_h,\; j s_w + v - p_w} \mathrel{+}= \frac{1}{k_h k_w} \bar y_{n,c,i,j} \f$
/// \param grad_x  overwritten
/// \param grad_y  gradient of the means
/// \param o       window, stride and padding, in pixels
template <typename T>
void avg_pool2d_backward(const Array4<T>& grad_x, const Array4<const T>& grad_y, const Pool2dOptions& o) {
  const auto area = static_cast<T>(o.kernel.h * o.kernel.w);
  parallel_for(grad_x.n, 1, [&](Index first, Index last) {
    for (Index n = first; n < last; ++n)
      for (Index c = 0; c < grad_x.c; ++c) {
        std::fill_n(&grad_x(n, c, 0, 0), grad_x.h * grad_x.w, T{0});
        for (Index i = 0; i < grad_y.h; ++i)
          for (Index j = 0; j < grad_y.w; ++j)
            for (Index u = 0; u < o.kernel.h; ++u)
              for (Index v = 0; v < o.kernel.w; ++v) {
                const Index row = i * o.stride.h + u - o.padding.h;
                const Index column = j * o.stride.w + v - o.padding.w;
                if (grad_x.has(row, column)) grad_x(n, c, row, column) += grad_y(n, c, i, j) / area;
              }
      }
  });
}

}  // namespace cnn::reference
