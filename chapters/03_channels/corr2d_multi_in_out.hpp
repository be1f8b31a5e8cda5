// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstddef>
#include <string>

#include "common/tensor/view.hpp"

/// Section 5.3: cross-correlation over several input and several output channels, written with xtensor.
namespace cnn::channels {

/// One channel of an image, [h, w], or any matrix.
using Plane = xt::xtensor<float, 2>;
/// An image, [c, h, w], or the kernel of one output channel, [ic, kh, kw].
using Image = xt::xtensor<float, 3>;
/// The kernels of a layer, [oc, ic, kh, kw].
using Kernels = xt::xtensor<float, 4>;

/// Cross-correlates one channel with one kernel, as in section 5.1: stride 1, no padding.
/// \param x  one channel, [ih, iw]
/// \param k  one kernel, [kh, kw]
/// \return   [ih - kh + 1, iw - kw + 1]
/// \throws ShapeError  the kernel is larger than the image
//! [one_channel]
inline Plane corr2d(const Plane& x, const Plane& k) {
  CNN_CHECK(k.shape(0) <= x.shape(0) && k.shape(1) <= x.shape(1), ShapeError,
            "[corr2d] the kernel is larger than the image; pad the image or take a "
            "smaller kernel");
  const std::size_t oh = x.shape(0) - k.shape(0) + 1;
  const std::size_t ow = x.shape(1) - k.shape(1) + 1;
  Plane y = xt::zeros<float>({oh, ow});
  for (std::size_t u = 0; u < k.shape(0); ++u) {
    for (std::size_t v = 0; v < k.shape(1); ++v) {
      xt::noalias(y) +=
          k(u, v) * xt::view(x, xt::range(u, u + oh), xt::range(v, v + ow));
    }
  }
  return y;
}
//! [one_channel]

/// Cross-correlates every channel with its own kernel and adds up the results.
///
/// \f[ y_{i,j} = \sum_{c,u,v} x_{c,\,i+u,\,j+v}\; k_{c,u,v} \f]
///
/// \param x  an image, [ic, ih, iw]
/// \param k  one kernel per channel, [ic, kh, kw]
/// \return   one channel, [ih - kh + 1, iw - kw + 1]
/// \throws ShapeError  the numbers of channels differ, or the kernel is larger than the image
//! [multi_in]
inline Plane corr2d_multi_in(const Image& x, const Image& k) {
  CNN_CHECK(x.shape(0) == k.shape(0), ShapeError,
            std::string("[corr2d_multi_in] the kernel has ") +
                std::to_string(k.shape(0)) + " channels, the image " +
                std::to_string(x.shape(0)) +
                "; give every channel of the image a kernel");
  Plane y = corr2d(xt::view(x, 0), xt::view(k, 0));
  for (std::size_t c = 1; c < x.shape(0); ++c)
    y += corr2d(xt::view(x, c), xt::view(k, c));
  return y;
}
//! [multi_in]

/// Makes one output channel from each set of kernels, and stacks them.
///
/// \f[ y_{o,i,j} = \sum_{c,u,v} x_{c,\,i+u,\,j+v}\; k_{o,c,u,v} \f]
///
/// \param x  an image, [ic, ih, iw]
/// \param k  kernels, [oc, ic, kh, kw]
/// \return   [oc, ih - kh + 1, iw - kw + 1]
/// \throws ShapeError  the numbers of channels differ, or the kernel is larger than the image
//! [multi_in_out]
inline Image corr2d_multi_in_out(const Image& x, const Kernels& k) {
  const Plane first = corr2d_multi_in(x, xt::view(k, 0));
  Image y = Image::from_shape({k.shape(0), first.shape(0), first.shape(1)});
  xt::view(y, 0) = first;
  for (std::size_t o = 1; o < k.shape(0); ++o)
    xt::view(y, o) = corr2d_multi_in(x, xt::view(k, o));
  return y;
}
//! [multi_in_out]

/// Product of two matrices.
/// \param a  [m, k]
/// \param b  [k, n]
/// \return   [m, n]
/// \throws ShapeError  the inner sizes differ
//! [matmul]
inline Plane matmul(const Plane& a, const Plane& b) {
  CNN_CHECK(a.shape(1) == b.shape(0), ShapeError,
            std::string("[matmul] the inner sizes ") + std::to_string(a.shape(1)) +
                " and " + std::to_string(b.shape(0)) +
                " differ; transpose one of the matrices or swap them");
  Plane y = xt::zeros<float>({a.shape(0), b.shape(1)});
  for (std::size_t i = 0; i < a.shape(0); ++i) {
    for (std::size_t k = 0; k < a.shape(1); ++k)
      xt::view(y, i) += a(i, k) * xt::view(b, k);
  }
  return y;
}
//! [matmul]

/// Writes an array as a matrix: the first axis stays, the others are joined into one.
/// \param array  [n, ...], row-major
/// \return       [n, product of the other sizes]
template <typename Array>
Plane as_matrix(const Array& array) {
  const std::array<std::size_t, 2> shape{array.shape(0),
                                         array.size() / array.shape(0)};
  return xt::adapt(array.data(), array.size(), xt::no_ownership(), shape);
}

/// Writes a matrix whose columns are pixels as an image again.
/// \param matrix  [c, h * w]
/// \param h       rows of the image, in pixels
/// \param w       columns of the image, in pixels
/// \return        [c, h, w]
inline Image as_image(const Plane& matrix, std::size_t h, std::size_t w) {
  const std::array<std::size_t, 3> shape{matrix.shape(0), h, w};
  return xt::adapt(matrix.data(), matrix.size(), xt::no_ownership(), shape);
}

/// A convolution with 1 x 1 kernels is a matrix product: the same mixture of channels at every pixel.
///
/// \f[ Y_{o,\,hw} = \sum_c K_{o,c}\, X_{c,\,hw} \f]
///
/// \param x  an image, [ic, h, w]
/// \param k  kernels, [oc, ic, 1, 1]
/// \return   [oc, h, w]
/// \throws ShapeError  the kernels are not 1 x 1, or the numbers of channels differ
//! [one_by_one]
inline Image corr2d_multi_in_out_1x1(const Image& x, const Kernels& k) {
  CNN_CHECK(k.shape(2) == 1 && k.shape(3) == 1, ShapeError,
            "[corr2d_multi_in_out_1x1] the kernels are not 1 x 1; use "
            "corr2d_multi_in_out");
  const Plane mixture = as_matrix(k);  // [oc, ic]
  const Plane pixels = as_matrix(x);   // [ic, h w]
  return as_image(matmul(mixture, pixels), x.shape(1), x.shape(2));
}
//! [one_by_one]

}  // namespace cnn::channels
