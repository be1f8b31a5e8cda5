// SPDX-License-Identifier: MIT
#pragma once

#include <optional>

#include "common/backend/operation.hpp"
#include "common/backend/shards.hpp"

namespace cnn::ops {

/// Cross-correlates a batch of images with a bank of kernels and adds one bias per output channel.
///
/// \f[ y_{n,o,i,j} = b_o + \sum_{c,u,v} x_{n,\,c,\; i s_h + u - p_h,\; j s_w + v - p_w}\; w_{o,c,u,v} \f]
///
/// \param x         images, [n, ic, ih, iw]
/// \param weight    kernels, [oc, ic, kh, kw]
/// \param bias      [oc], or null for none
/// \param geometry  stride and zero padding, in pixels
/// \param epilogue  what happens to y on its way to memory
/// \param prologue  what happens to x before; null for nothing
/// \return          [n, oc, oh, ow], oh = floor((ih + 2 ph - kh) / sh) + 1, ow likewise
/// \throws ShapeError   channels disagree, or the kernel is larger than the padded image
/// \throws DeviceError  tensors are on different devices
/// \note   2 n oc oh ow ic kh kw operations
/// \see    V. Dumoulin and F. Visin, "A guide to convolution arithmetic for deep learning" (2016)
Tensor conv2d(const Tensor& x, const Tensor& weight, const Tensor* bias, const ConvGeometry& geometry = {},
              const Epilogue& epilogue = {}, const Prologue* prologue = nullptr);

/// The same of operands in one hand, which may say what is kept of the weight.
/// \param x         images, [n, ic, ih, iw]
/// \param w         kernels, bias, prologue and epilogue
/// \param geometry  stride and zero padding, in pixels
/// \return          [n, oc, oh, ow]
/// \throws ShapeError   as above
/// \throws DeviceError  as above
Tensor conv2d(const Tensor& x, const ConvWeights& w, const ConvGeometry& geometry);

/// Gradients of a loss with respect to what conv2d() was given.
struct Conv2dGrads {
  Tensor x;       ///< [n, ic, ih, iw]
  Tensor weight;  ///< [oc, ic, kh, kw]
  Tensor bias;    ///< [oc]
};

/// Gradients of conv2d(): new tensors, nothing is added to.
///
/// \f[ \bar x_{n,c,i',j'} = \sum_{o,u,v} \bar y_{n,o,i,j}\, w_{o,c,u,v},\quad i' = i s_h + u - p_h,\; j' = j s_w + v - p_w \f]
/// \f[ \bar w_{o,c,u,v} = \sum_{n,i,j} \bar y_{n,o,i,j}\, x_{n,\,c,\; i s_h + u - p_h,\; j s_w + v - p_w},\qquad
///     \bar b_o = \sum_{n,i,j} \bar y_{n,o,i,j} \f]
///
/// \param grad_y    dL/dy, [n, oc, oh, ow]
/// \param x         what conv2d() was given
/// \param weight    what conv2d() was given
/// \param geometry  what conv2d() was given
/// \return          all three gradients
/// \throws ShapeError   grad_y is not of the shape of the output
/// \throws DeviceError  tensors are on different devices
Conv2dGrads conv2d_backward(const Tensor& grad_y, const Tensor& x, const Tensor& weight,
                            const ConvGeometry& geometry = {});

/// Only dL/dx of conv2d_backward().
/// \param grad_y    dL/dy, [n, oc, oh, ow]
/// \param x_shape   shape of what conv2d() was given
/// \param weight    what conv2d() was given
/// \param geometry  what conv2d() was given
/// \return          dL/dx, [n, ic, ih, iw]
/// \throws ShapeError  grad_y is not of the shape of the output
Tensor conv2d_backward_input(const Tensor& grad_y, const Shape& x_shape, const Tensor& weight,
                             const ConvGeometry& geometry = {});

/// Only dL/dx of conv2d_backward(), written into a given tensor or added to it.
/// \param grad_x    dL/dx, [n, ic, ih, iw]; may be a range of channels
/// \param grad_y    dL/dy, [n, oc, oh, ow]
/// \param weight    what conv2d() was given
/// \param geometry  what conv2d() was given
/// \param write     what becomes of the values of grad_x
/// \throws ShapeError  the shapes do not fit together
void conv2d_backward_input_into(Tensor& grad_x, const Tensor& grad_y, const Tensor& weight,
                                const ConvGeometry& geometry = {}, Write write = Write::overwrites);

/// Only dL/dweight and dL/dbias of conv2d_backward(), written into given tensors.
/// \param grad_weight  overwritten, [oc, ic, kh, kw]
/// \param grad_bias    overwritten, [oc]; null for a convolution without bias
/// \param grad_y       dL/dy, [n, oc, oh, ow]
/// \param x            what conv2d() was given
/// \param geometry     what conv2d() was given
/// \param shards       those of a batch that x holds; all by default
/// \throws ShapeError  the shapes do not fit together
void conv2d_backward_weight_into(Tensor& grad_weight, Tensor* grad_bias, const Tensor& grad_y,
                                 const Tensor& x, const ConvGeometry& geometry = {},
                                 const std::optional<Shards>& shards = {});

/// Shape of what conv2d() returns.
/// \param x         shape of the images, [n, ic, ih, iw]
/// \param weight    shape of the kernels, [oc, ic, kh, kw]
/// \param geometry  stride and zero padding, in pixels
/// \return          [n, oc, oh, ow]
/// \throws ShapeError  channels disagree, or the kernel is larger than the padded image
Shape conv2d_output_shape(const Shape& x, const Shape& weight, const ConvGeometry& geometry = {});

}  // namespace cnn::ops
