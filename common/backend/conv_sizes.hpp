// SPDX-License-Identifier: MIT
#pragma once

#include "common/backend/operation.hpp"

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

  /// Where the form of the kernels is kept, images of a call as foreseen, see KeptWeight; 0 where it is made in each call.
  Index images_foreseen = 0;

  /// \return rows of the matrix of columns: numbers one output pixel is made of
  Index taps() const { return ic * kh * kw; }
  /// \return output pixels of one channel of one image
  Index pixels() const { return oh * ow; }
};

/// \param x       shape of the images, [n, ic, ih, iw]
/// \param weight  shape of the kernels, [oc, ic, kh, kw], that fit into the padded images
/// \param g       stride and padding
/// \return        all sizes, those of the output from the others
ConvSizes conv_sizes(const Shape& x, const Shape& weight, const ConvGeometry& g);

}  // namespace cnn
