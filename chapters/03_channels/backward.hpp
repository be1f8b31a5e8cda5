// SPDX-License-Identifier: MIT
#pragma once

#include "chapters/03_channels/corr2d_multi_in_out.hpp"

namespace cnn::channels {

/// Gradients of a loss with respect to what a convolution without bias was given.
struct Grads {
  Image x;    ///< dL/dx, [ic, ih, iw]
  Kernels k;  ///< dL/dk, [oc, ic, kh, kw]
};

/// Gradients of corr2d_multi_in_out(), new arrays.
///
/// \f[ \bar k_{o,c,u,v} = \sum_{i,j} \bar y_{o,i,j}\; x_{c,\,i+u,\,j+v}, \qquad
///     \bar x_{c,\,i+u,\,j+v} \mathrel{+}= \bar y_{o,i,j}\; k_{o,c,u,v} \f]
///
/// \param grad_y  dL/dy, [oc, oh, ow]
/// \param x       what corr2d_multi_in_out() was given, [ic, ih, iw]
/// \param k       what corr2d_multi_in_out() was given, [oc, ic, kh, kw]
/// \return        both gradients
//! [backward]
inline Grads corr2d_multi_in_out_backward(const Image& grad_y, const Image& x,
                                          const Kernels& k) {
  Grads grads{xt::zeros_like(x), xt::zeros_like(k)};
  const std::size_t oh = grad_y.shape(1);
  const std::size_t ow = grad_y.shape(2);
  for (std::size_t o = 0; o < k.shape(0); ++o) {
    const Plane g = xt::view(grad_y, o);
    for (std::size_t c = 0; c < k.shape(1); ++c) {
      xt::view(grads.k, o, c) = corr2d(xt::view(x, c), g);
      for (std::size_t u = 0; u < k.shape(2); ++u) {
        for (std::size_t v = 0; v < k.shape(3); ++v) {
          xt::view(grads.x, c, xt::range(u, u + oh), xt::range(v, v + ow)) +=
              k(o, c, u, v) * g;
        }
      }
    }
  }
  return grads;
}
//! [backward]

/// Gradients of corr2d_multi_in_out_1x1(): two matrix products.
///
/// \f[ Y = K X \quad\Rightarrow\quad \bar K = \bar Y X^\top, \qquad \bar X = K^\top \bar Y \f]
///
/// \param grad_y  dL/dy, [oc, h, w]
/// \param x       what corr2d_multi_in_out_1x1() was given, [ic, h, w]
/// \param k       what corr2d_multi_in_out_1x1() was given, [oc, ic, 1, 1]
/// \return        both gradients
//! [one_by_one_backward]
inline Grads corr2d_multi_in_out_1x1_backward(const Image& grad_y, const Image& x,
                                              const Kernels& k) {
  const Plane g = as_matrix(grad_y);  // [oc, h w]
  const Plane grad_k =
      matmul(g, xt::transpose(as_matrix(x)));  // [oc, h w] [h w, ic]
  const Plane grad_pixels =
      matmul(xt::transpose(as_matrix(k)), g);  // [ic, oc] [oc, h w]
  return {as_image(grad_pixels, x.shape(1), x.shape(2)),
          xt::adapt(grad_k.data(), grad_k.size(), xt::no_ownership(), k.shape())};
}
//! [one_by_one_backward]

/// Estimates the gradient of a scalar function, one element at a time: \f$ (f(a + h e) - f(a - h e)) / 2h \f$.
/// \param f     takes an Array, returns a number
/// \param at    where; taken by value, because each element is moved in turn
/// \param step  h; any step is exact, but for rounding, if f is a polynomial of degree two
/// \return      same shape as `at`
//! [central_differences]
template <typename Array, typename Function>
Array central_differences(const Function& f, Array at, float step) {
  Array grad = xt::zeros_like(at);
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
//! [central_differences]

}  // namespace cnn::channels
