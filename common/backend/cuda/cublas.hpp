// SPDX-License-Identifier: MIT
/// \file
/// The kernel `cublas`: convolutions and linear layers by NVIDIA's product of matrices.
/// A 1 x 1 convolution with a prologue needs columns that scratch_bytes() does not foretell; no layer has one.
///
/// A convolution needs the matrix X of all windows for that (*im2col*, see docs/backends.md). It is made in pieces of at most 64 MiB:
/// as many images as fit or, where not even one does, some channels of one image. With W = weight [oc, taps], for each image
///
///     forward           Y = W X                   [oc, pixels]
///     backward input    dX = W^T dY               [taps, pixels], whose copies of a pixel are then added up (*col2im*)
///     backward weight   dW = sum of dY X^T        [oc, taps], over the images of a shard, which stand side by side
///
/// What the other kernels do while a sum is in a register takes passes over memory here, and the number of launches grows with the
/// batch. In which order cuBLAS adds, and whether it cuts a sum into parts, is its own affair: it chooses by the card, by its
/// version and by the sizes of a call. The sums of one call have the same bits each time, as there is one stream and a work
/// space of fixed size, and atomics are not allowed (the default). So
///
/// - sums over images are those of the shards, joined in pairs, with the same bits on 1, 2, 4 and 8 processes;
/// - a convolution multiplies each image by itself, but cuBLAS is told how many there are, and a linear layer is one product for all
///   rows: that an image's result has the same bits in any batch is likely for the former, and not promised for either.
#pragma once

#include "common/backend/backend.hpp"
#include "common/backend/conv_sizes.hpp"

namespace cnn::cuda::cublas {

/// See Backend::conv2d().
/// \param y,x,w  as there
/// \param s      sizes
/// \throws DeviceError  a launch failed
void conv2d(Tensor& y, const Tensor& x, const ConvWeights& w, const ConvSizes& s);

/// See Backend::conv2d_backward_input().
/// \param grad_x,grad_y,weight,write  as there
/// \param s                           sizes
/// \throws DeviceError  a launch failed
void conv2d_backward_input(Tensor& grad_x, const Tensor& grad_y, const Tensor& weight, const ConvSizes& s,
                           Write write);

/// See Backend::conv2d_backward_weight().
/// \param grad_weight,grad_bias,grad_y,x,shards  as there
/// \param s                                      sizes
/// \throws DeviceError  a launch failed
void conv2d_backward_weight(Tensor& grad_weight, Tensor* grad_bias, const Tensor& grad_y, const Tensor& x,
                            const ConvSizes& s, const Shards& shards);

/// See Backend::linear().
/// \param y,x,w  as there
/// \throws DeviceError  a launch failed
void linear(Tensor& y, const Tensor& x, const ConvWeights& w);

/// See Backend::linear_backward_input().
/// \param grad_x,grad_y,weight  as there
/// \throws DeviceError  a launch failed
void linear_backward_input(Tensor& grad_x, const Tensor& grad_y, const Tensor& weight);

/// See Backend::linear_backward_weight().
/// \param grad_weight,grad_bias,grad_y,x,shards  as there
/// \throws DeviceError  a launch failed
void linear_backward_weight(Tensor& grad_weight, Tensor* grad_bias, const Tensor& grad_y, const Tensor& x,
                            const Shards& shards);

/// See Backend::scratch_bytes().
/// \param operation,x,weight,g  as there
/// \return                      bytes
Index scratch_bytes(Operation operation, const Shape& x, const Shape& weight, const ConvGeometry& g);

}  // namespace cnn::cuda::cublas
