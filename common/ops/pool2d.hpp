// SPDX-License-Identifier: MIT
#pragma once

#include "common/backend/operation.hpp"

namespace cnn::ops {

/// What max_pool2d() returns: the maxima, and where they were found.
struct MaxPool2d {
  Tensor y;        ///< [n, c, oh, ow]
  Tensor indices;  ///< i32, [n, c, oh, ow]: row * width + column in the channel; not defined() if not wanted
};

/// Maximum of each window. Padding counts as minus infinity; of equal values the first in row-major order wins; NaN wins over
/// everything, as in PyTorch.
///
/// \f[ y_{n,c,i,j} = \max_{u<k_h,\,v<k_w} x_{n,\,c,\; i s_h + u - p_h,\; j s_w + v - p_w} \f]
///
/// \param x        images, [n, c, ih, iw]
/// \param options  window, stride and padding, in pixels
/// \param with_indices  whether the positions are wanted, which only a gradient needs
/// \return         maxima and positions, oh = floor((ih + 2 ph - kh) / sh) + 1, ow likewise
/// \throws ShapeError   the window is larger than the padded image, or the padding larger than half the window
/// \throws DeviceError  tensors are on different devices
MaxPool2d max_pool2d(const Tensor& x, const Pool2dOptions& options, bool with_indices = true);

/// Sends each gradient to the position the maximum came from; positions chosen by several windows add up.
/// \param grad_y   dL/dy, [n, c, oh, ow]
/// \param indices  positions from max_pool2d()
/// \param x_shape  shape of what max_pool2d() was given
/// \param options  window, stride and padding, in pixels, as in max_pool2d()
/// \return         dL/dx, [n, c, ih, iw]
/// \throws ShapeError  shapes disagree
Tensor max_pool2d_backward(const Tensor& grad_y, const Tensor& indices, const Shape& x_shape,
                           const Pool2dOptions& options);

/// max_pool2d_backward(), written into a given tensor or added to it.
/// \param grad_x   dL/dx, [n, c, ih, iw]; may be a range of channels
/// \param grad_y   dL/dy, [n, c, oh, ow]
/// \param indices  positions from max_pool2d()
/// \param options  window, stride and padding, in pixels, as in max_pool2d()
/// \param write    what becomes of the values of grad_x
/// \throws ShapeError  shapes disagree
void max_pool2d_backward_into(Tensor& grad_x, const Tensor& grad_y, const Tensor& indices,
                              const Pool2dOptions& options, Write write = Write::overwrites);

/// Mean of each window; padding counts as zeros that are part of the mean, as in PyTorch.
///
/// \f[ y_{n,c,i,j} = \frac{1}{k_h k_w} \sum_{u<k_h,\,v<k_w} x_{n,\,c,\; i s_h + u - p_h,\; j s_w + v - p_w} \f]
///
/// \param x        images, [n, c, ih, iw]
/// \param options  window, stride and padding, in pixels
/// \return         [n, c, oh, ow], oh = floor((ih + 2 ph - kh) / sh) + 1, ow likewise
/// \throws ShapeError  the window is larger than the padded image, or the padding larger than half the window
Tensor avg_pool2d(const Tensor& x, const Pool2dOptions& options);

/// Spreads each gradient evenly over its window.
/// \param grad_y   dL/dy, [n, c, oh, ow]
/// \param x_shape  shape of what avg_pool2d() was given
/// \param options  what avg_pool2d() was given
/// \return         dL/dx, [n, c, ih, iw]
/// \throws ShapeError  shapes disagree
Tensor avg_pool2d_backward(const Tensor& grad_y, const Shape& x_shape, const Pool2dOptions& options);

/// avg_pool2d_backward(), written into a given tensor or added to it.
/// \param grad_x   dL/dx, [n, c, ih, iw]; may be a range of channels
/// \param grad_y   dL/dy, [n, c, oh, ow]
/// \param options  what avg_pool2d() was given
/// \param write    what becomes of the values of grad_x
/// \throws ShapeError  shapes disagree
void avg_pool2d_backward_into(Tensor& grad_x, const Tensor& grad_y, const Pool2dOptions& options,
                              Write write = Write::overwrites);

/// Shape of what either pooling returns.
/// \param x        shape of the images, [n, c, ih, iw]
/// \param options  window, stride and padding, in pixels
/// \return         [n, c, oh, ow]
/// \throws ShapeError  the window is larger than the padded image, or the padding larger than half the window
Shape pool2d_output_shape(const Shape& x, const Pool2dOptions& options);

}  // namespace cnn::ops
