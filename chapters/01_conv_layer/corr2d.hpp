// SPDX-License-Identifier: MIT
#pragma once

#include "common/tensor/view.hpp"

/// Section 5.1, written from scratch with xtensor.
namespace cnn::conv_layer {

/// An image, a kernel or an output: rows by columns.
using Matrix = xt::xtensor<float, 2>;

/// Slides a kernel over an image: each output element is the sum of the products of the kernel and the window below it.
///
/// \f[ y_{i,j} = \sum_{u=0}^{k_h-1} \sum_{v=0}^{k_w-1} x_{i+u,\,j+v}\; k_{u,v} \f]
///
/// Mathematicians call this operation *cross-correlation*; deep learning calls it convolution.
/// \param x  image, [h, w]
/// \param k  kernel, [kh, kw]
/// \return   [h - kh + 1, w - kw + 1]
/// \throws ShapeError  the kernel is larger than the image, or one of them is empty
//! [cross_correlation]
inline Matrix corr2d(const Matrix& x, const Matrix& k) {
  const std::size_t h = x.shape(0), w = x.shape(1), kh = k.shape(0),
                    kw = k.shape(1);
  CNN_CHECK(kh > 0 && kw > 0 && kh <= h && kw <= w, ShapeError,
            "[corr2d] the kernel must fit into the image; use a smaller one");

  Matrix y = xt::zeros<float>({h - kh + 1, w - kw + 1});
  for (std::size_t i = 0; i < y.shape(0); ++i) {
    for (std::size_t j = 0; j < y.shape(1); ++j) {
      const auto window = xt::view(x, xt::range(i, i + kh), xt::range(j, j + kw));
      y(i, j) = xt::sum(window * k)();
    }
  }
  return y;
}
//! [cross_correlation]

/// \param k  a kernel, [kh, kw]
/// \return   the kernel flipped along both axes, [kh, kw]
//! [flip]
inline Matrix flipped(const Matrix& k) { return xt::flip(xt::flip(k, 0), 1); }
//! [flip]

/// The convolution of mathematics: cross-correlation with the flipped kernel.
///
/// \f[ (x * k)_{i,j} = \sum_{u,v} x_{i+u,\,j+v}\; k_{k_h-1-u,\,k_w-1-v} \f]
///
/// \param x  image, [h, w]
/// \param k  kernel, [kh, kw]
/// \return   [h - kh + 1, w - kw + 1]
/// \throws ShapeError  as corr2d()
//! [convolve2d]
inline Matrix convolve2d(const Matrix& x, const Matrix& k) {
  return corr2d(x, flipped(k));
}
//! [convolve2d]

/// \param x     an image, [h, w]
/// \param rows  rows of zeros to add above, and again below
/// \param cols  columns of zeros to add on the left, and again on the right
/// \return      [h + 2 rows, w + 2 cols]
inline Matrix with_border(const Matrix& x, std::size_t rows, std::size_t cols) {
  Matrix y = xt::zeros<float>({x.shape(0) + 2 * rows, x.shape(1) + 2 * cols});
  xt::view(y, xt::range(rows, rows + x.shape(0)),
           xt::range(cols, cols + x.shape(1))) = x;
  return y;
}

/// \param a  a matrix
/// \return   its rows as columns
inline Matrix transposed(const Matrix& a) { return xt::transpose(a); }

}  // namespace cnn::conv_layer
