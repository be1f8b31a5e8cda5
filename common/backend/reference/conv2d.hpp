// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>

#include "common/backend/operation.hpp"
#include "common/backend/reference/activation.hpp"
#include "common/backend/reference/array4.hpp"
#include "common/backend/shards.hpp"
#include "common/core/threads.hpp"

namespace cnn::reference {

// Shapes: x [n, ic, ih, iw], weight [oc, ic, kh, kw], bias [oc], y [n, oc, oh, ow]; gradients like what they belong to.
// Output pixel (i, j) meets kernel element (u, v) at input pixel (i sh + u - ph, j sw + v - pw); outside the image x is 0.
// Sums are kept in double: this rung is what the others are measured with.

/// \f$ y_{n,o,i,j} = b_o + \sum_{c,u,v} x_{n,\,c,\; i s_h + u - p_h,\; j s_w + v - p_w}\; w_{o,c,u,v} \f$
/// \param y       [n, oc, oh, ow], overwritten
/// \param x       [n, ic, ih, iw]
/// \param weight  [oc, ic, kh, kw]
/// \param bias    [oc], or null for none
/// \param g       stride and padding, in pixels
/// \param ends_with_relu  whether max(y, 0) takes the place of y
//! [forward]
template <typename T>
void conv2d(const Array4<T>& y, const Array4<const T>& x,  // [n, channels, h, w]
            const Array4<const T>& weight, const T* bias, const ConvGeometry& g,
            bool ends_with_relu = false) {
  parallel_for(y.n, 1, [&](Index first, Index last) {
    for (Index n = first; n < last; ++n)
      for (Index o = 0; o < y.c; ++o)
        for (Index i = 0; i < y.h; ++i)
          for (Index j = 0; j < y.w; ++j) {
            double sum = bias == nullptr ? 0 : bias[o];
            for (Index c = 0; c < x.c; ++c)
              for (Index u = 0; u < weight.h; ++u)
                for (Index v = 0; v < weight.w; ++v) {
                  const Index row = i * g.stride.h + u - g.padding.h;
                  const Index column = j * g.stride.w + v - g.padding.w;
                  if (!x.has(row, column)) continue;  // padding: zeros
                  sum += double{x(n, c, row, column)} * double{weight(o, c, u, v)};
                }
            const auto rounded = static_cast<T>(sum);
            y(n, o, i, j) = ends_with_relu ? relu(rounded) : rounded;
          }
  });
}
//! [forward]

/// \f$ \bar x_{n,c,\; i s_h + u - p_h,\; j s_w + v - p_w} \mathrel{+}= \bar y_{n,o,i,j}\; w_{o,c,u,v} \f$: the loops of the
/// forward pass, with x and y exchanged.
/// \param grad_x  [n, ic, ih, iw], overwritten
/// \param grad_y  [n, oc, oh, ow]
/// \param weight  [oc, ic, kh, kw]
/// \param g       stride and padding, in pixels
//! [backward input]
template <typename T>
void conv2d_backward_input(const Array4<T>& grad_x, const Array4<const T>& grad_y,
                           const Array4<const T>& weight, const ConvGeometry& g) {
  parallel_for(grad_x.n, 1, [&](Index first, Index last) {
    for (Index n = first; n < last; ++n) {
      std::fill_n(&grad_x(n, 0, 0, 0), grad_x.c * grad_x.h * grad_x.w, T{0});
      for (Index o = 0; o < grad_y.c; ++o)
        for (Index i = 0; i < grad_y.h; ++i)
          for (Index j = 0; j < grad_y.w; ++j)
            for (Index c = 0; c < grad_x.c; ++c)
              for (Index u = 0; u < weight.h; ++u)
                for (Index v = 0; v < weight.w; ++v) {
                  const Index row = i * g.stride.h + u - g.padding.h;
                  const Index column = j * g.stride.w + v - g.padding.w;
                  if (!grad_x.has(row, column)) continue;
                  T& pixel = grad_x(n, c, row, column);
                  pixel += grad_y(n, o, i, j) * weight(o, c, u, v);
                }
    }
  });
}
//! [backward input]

/// \f$ \bar w_{o,c,u,v} = \sum_{n,i,j} \bar y_{n,o,i,j}\; x_{n,\,c,\; i s_h + u - p_h,\; j s_w + v - p_w} \f$: again the
/// loops of the forward pass, with w and y exchanged.
/// \param grad_weight  [oc, ic, kh, kw], overwritten
/// \param grad_y       [n, oc, oh, ow]
/// \param x            [n, ic, ih, iw]
/// \param g            stride and padding, in pixels
/// \param shards       of the images
//! [backward weight]
template <typename T>
void conv2d_backward_weight(const Array4<T>& grad_weight,   // [oc, ic, kh, kw]
                            const Array4<const T>& grad_y,  // [n, oc, oh, ow]
                            const Array4<const T>& x,       // [n, ic, ih, iw]
                            const ConvGeometry& g, const Shards& shards) {
  parallel_for(grad_weight.n, 1, [&](Index first, Index last) {
    for (Index o = first; o < last; ++o)
      for (Index c = 0; c < x.c; ++c)
        for (Index u = 0; u < grad_weight.h; ++u)
          for (Index v = 0; v < grad_weight.w; ++v) {
            grad_weight(o, c, u, v) = sum_over_shards<T>(shards, [&](Index n) {
              double sum = 0;
              for (Index i = 0; i < grad_y.h; ++i)
                for (Index j = 0; j < grad_y.w; ++j) {
                  const Index row = i * g.stride.h + u - g.padding.h;
                  const Index column = j * g.stride.w + v - g.padding.w;
                  if (!x.has(row, column)) continue;
                  sum += double{grad_y(n, o, i, j)} * double{x(n, c, row, column)};
                }
              return sum;
            });
          }
  });
}
//! [backward weight]

/// \f$ \bar b_o = \sum_{n,i,j} \bar y_{n,o,i,j} \f$: the bias reaches every pixel of its channel with factor 1.
/// \param grad_bias  [oc], overwritten
/// \param grad_y     [n, oc, oh, ow]
/// \param shards     of the images
template <typename T>
void conv2d_backward_bias(T* grad_bias, const Array4<const T>& grad_y, const Shards& shards) {
  for (Index o = 0; o < grad_y.c; ++o)
    grad_bias[o] = sum_over_shards<T>(shards, [&](Index n) {
      double sum = 0;
      for (Index i = 0; i < grad_y.h; ++i)
        for (Index j = 0; j < grad_y.w; ++j) sum += double{grad_y(n, o, i, j)};
      return sum;
    });
}

}  // namespace cnn::reference
