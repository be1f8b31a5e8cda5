// SPDX-License-Identifier: MIT
#pragma once

#include "common/cnn.hpp"
#include "common/tensor/view.hpp"

/// Section 5.2, written from scratch with xtensor.
namespace cnn::padding_stride {

/// An image, a kernel or an output: rows by columns.
using Matrix = xt::xtensor<float, 2>;

/// \param a  a matrix
/// \return   its rows and columns
inline Size2d size(const Matrix& a) {
  return {static_cast<Index>(a.shape(0)), static_cast<Index>(a.shape(1))};
}

/// Length of the output along one axis, with the padding counted on *each* side, as in programs.
///
/// \f[ o = \left\lfloor \frac{n + 2p - k}{s} \right\rfloor + 1 \f]
///
/// \param n  length of the image, in pixels
/// \param k  length of the kernel
/// \param p  zeros added at each end
/// \param s  stride: how far the window moves
/// \return   number of places of the window
/// \throws ShapeError  the kernel is larger than the padded image, or a number makes no sense
//! [size_formula]
inline Index output_size(Index n, Index k, Index p, Index s) {
  CNN_CHECK(n > 0 && k > 0 && p >= 0 && s > 0, ShapeError,
            "[output_size] sizes and strides start at 1, paddings at 0");
  CNN_CHECK(
      k <= n + 2 * p, ShapeError,
      "[output_size] the kernel is larger than the padded image; add padding");
  return (n + 2 * p - k) / s + 1;
}
//! [size_formula]

/// The same length as the text of the book has it, with the zeros of *both* sides counted together.
///
/// \f[ o = \left\lfloor \frac{n - k + p + s}{s} \right\rfloor \f]
///
/// \param n  length of the image, in pixels
/// \param k  length of the kernel
/// \param p  zeros added at both ends together
/// \param s  stride: how far the window moves
/// \return   number of places of the window
//! [size_formula_of_the_book]
constexpr Index output_size_total(Index n, Index k, Index p, Index s) {
  return (n - k + p + s) / s;
}
//! [size_formula_of_the_book]

/// Rows and columns of zeros around an image.
struct Border {
  Index top;     ///< rows above
  Index bottom;  ///< rows below
  Index left;    ///< columns on the left
  Index right;   ///< columns on the right
};

/// \param x       an image, [h, w]
/// \param border  zeros to add on the four sides
/// \return        [top + h + bottom, left + w + right]
//! [pad]
inline Matrix pad(const Matrix& x, const Border& border) {
  const auto [h, w] = size(x);
  Matrix y = xt::zeros<float>(
      {border.top + h + border.bottom, border.left + w + border.right});
  xt::view(y, xt::range(border.top, border.top + h),
           xt::range(border.left, border.left + w)) = x;
  return y;
}
//! [pad]

/// Cross-correlation with padding and stride.
///
/// \f[ y_{i,j} = \sum_{u,v} \tilde x_{i s_h + u,\, j s_w + v}\; k_{u,v} \f]
///
/// where \f$ \tilde x \f$ is the image with its border of zeros.
/// \param x         image, [h, w]
/// \param k         kernel, [kh, kw]
/// \param geometry  stride and zeros on each side, in pixels
/// \return          [output_size(h, kh, ph, sh), output_size(w, kw, pw, sw)]
/// \throws ShapeError  the kernel is larger than the padded image
//! [padded_and_strided]
inline Matrix corr2d(const Matrix& x, const Matrix& k,
                     const ConvGeometry& geometry) {
  const auto [kh, kw] = size(k);
  const auto [ph, pw] = geometry.padding;
  const auto [sh, sw] = geometry.stride;
  const Index oh = output_size(size(x).h, kh, ph, sh);
  const Index ow = output_size(size(x).w, kw, pw, sw);

  const Matrix padded = pad(x, {ph, ph, pw, pw});
  Matrix y = xt::zeros<float>({oh, ow});
  for (Index i = 0; i < oh; ++i) {
    for (Index j = 0; j < ow; ++j) {
      const auto window = xt::view(padded, xt::range(i * sh, i * sh + kh),
                                   xt::range(j * sw, j * sw + kw));
      y(i, j) = xt::sum(window * k)();
    }
  }
  return y;
}
//! [padded_and_strided]

/// The border that keeps the size of an image at stride 1: k - 1 zeros along each axis; when that is odd (an even kernel),
/// the zero left over goes above, or to the left.
/// \param kernel  size of the kernel
/// \return        the border
//! [same_padding]
constexpr Border same_padding(Size2d kernel) {
  return {kernel.h / 2, (kernel.h - 1) / 2, kernel.w / 2, (kernel.w - 1) / 2};
}
//! [same_padding]

}  // namespace cnn::padding_stride
