// SPDX-License-Identifier: MIT
#pragma once

#include "common/backend/backend.hpp"

namespace cnn {

/// Sizes of a convolution, in oneDNN's letters.
struct ConvSizes {
  Index n;       ///< images
  Index ic, oc;  ///< channels in and out
  Index ih, iw;  ///< input pixels
  Index oh, ow;  ///< output pixels
  Index kh, kw;  ///< kernel
  Index sh, sw;  ///< stride
  Index ph, pw;  ///< padding

  /// \return rows of the matrix of columns: numbers one output pixel is made of
  Index taps() const { return ic * kh * kw; }
  /// \return output pixels of one channel of one image
  Index pixels() const { return oh * ow; }
};

/// \param x       images, [n, ic, ih, iw]
/// \param weight  kernels, [oc, ic, kh, kw]
/// \param y       outputs, [n, oc, oh, ow]
/// \param g       stride and padding
/// \return        all sizes
ConvSizes conv_sizes(const Tensor& x, const Tensor& weight, const Tensor& y, const ConvGeometry& g);

/// Writes every window of an image as a column, so that a convolution becomes a product of matrices:
/// kernels [oc, taps] times columns [taps, pixels] gives the output [oc, pixels].
///
///     image      2x2 kernel, taps (u, v)       matrix, one column a window
///
///     a b c      (0,0) (0,1)                   a b d e     tap (0,0)
///     d e f      (1,0) (1,1)                   b c e f     tap (0,1)
///     g h i                                    d e g h     tap (1,0)
///                                              e f h i     tap (1,1)
///
/// A row of the matrix is the image shifted by its tap, so it is filled by copying pieces of the image's rows. Several
/// channels stand below each other; several images of a batch stand beside each other.
/// \param columns     first element of this image's columns, overwritten
/// \param row_stride  elements from one row of the matrix to the next, at least pixels
/// \param image       [ic, ih, iw]
/// \param s           sizes
void im2col(float* columns, Index row_stride, const float* image, const ConvSizes& s);

/// The transpose of im2col(): adds every entry of the matrix to the pixel that im2col() would have copied there.
/// \param image       [ic, ih, iw], added to
/// \param columns     first element of this image's columns
/// \param row_stride  elements from one row of the matrix to the next
/// \param s           sizes
void col2im(float* image, const float* columns, Index row_stride, const ConvSizes& s);

}  // namespace cnn
