// SPDX-License-Identifier: MIT
#pragma once

#include "common/backend/conv_sizes.hpp"

namespace cnn {

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
