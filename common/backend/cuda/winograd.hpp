// SPDX-License-Identifier: MIT
/// \file
/// The kernel `winograd`: F(4 x 4, 3 x 3), convolutions with kernels of 3 x 3 in steps of one, four times fewer multiplications.
///
/// An output row y of four pixels takes six pixels d and three elements g of a kernel: 12 products. Winograd's way takes six:
///
///     y = A^T [(G g) * (B^T d)]        * element by element
///
///           4  0 -5  0  1  0            1/4    0    0
///           0 -4 -4  1  1  0           -1/6 -1/6 -1/6              1  1  1  1  1  0
///     B^T = 0  4 -4 -1  1  0      G =  -1/6  1/6 -1/6       A^T =  0  1 -1  2 -2  0
///           0 -2 -1  2  1  0           1/24 1/12  1/6              0  1  1  4  4  0
///           0  2 -1 -2  1  0           1/24-1/12  1/6              0  1 -1  8 -8  1
///           0  4  0 -5  0  1              0    0    1
///
/// (a polynomial product by its values at 0, 1, -1, 2, -2 and infinity). In two dimensions, for tiles of 4 x 4 outputs, it is 36 for
/// 144: Y = A^T [(G g G^T) * (B^T d B)] A. Summed over channels, each of the 36 numbers is a product of matrices of its own:
///
///     U[s, c, o] = (G g G^T)_s          a thread for each kernel and channel
///     V[s, c, t] = (B^T d B)_s          a thread for each tile and channel
///     M[s, o, t] = sum over c of U[s, c, o] V[s, c, t]       36 products, by the kernel `vectors`
///     Y = A^T M A, and what follows     a thread for each tile and output channel
///
/// That is four launches, and work space: V and M have 36 numbers for 16 pixels, 2.25 times x and y. The backward pass to the input
/// is the same with flipped kernels. That to the weights follows by the chain rule:
///
///     dg = G^T [sum over tiles of (A dY A^T) * (B^T d B)] G
///
///     V[c, s, t] = (B^T d B)_s          a thread for each tile and channel
///     D[o, s, t] = (A dY A^T)_s         a thread for each tile and output channel
///     M[s, o, c] = sum over t of D[o, s, t] V[c, s, t]       36 products for each shard of the batch, by the kernel `vectors`
///     dg = G^T M G                      a thread for each shard, kernel and channel; then shards are joined in pairs
///
/// V and D take 2.25 times x and grad_y; D and M are made for some output channels at a time, so that M takes no more than 64 MiB (or
/// 128 channels), and how many launches there are depends on the channels alone. All else (other kernels, other steps, linear layers)
/// is done by the rule of `auto`.
///
/// The transformed numbers are larger than what comes of them, and so are rounding errors: their mean is about four times that of plain
/// sums, and the largest, at the corner of a tile that A^T multiplies by 8 x 8, ten times. Those of gradients of weights are as large, but
/// plain sums of them, shard by shard, round less: their mean is ten times that, and the largest twenty times.
/// Source: A. Lavin and S. Gray, "Fast Algorithms for Convolutional Neural Networks" (2015).
#pragma once

#include "common/backend/backend.hpp"
#include "common/backend/conv_sizes.hpp"

namespace cnn::cuda::winograd {

/// \param s  sizes
/// \return   whether this kernel does the convolution's three passes
inline bool suits(const ConvSizes& s) { return s.kh == 3 && s.kw == 3 && s.sh == 1 && s.sw == 1; }

/// See Backend::conv2d().
/// \param y,x,w  as there
/// \param s      sizes that suit
/// \throws DeviceError  a layer too large, or a launch failed
void conv2d(Tensor& y, const Tensor& x, const ConvWeights& w, const ConvSizes& s);

/// See Backend::conv2d_backward_input().
/// \param grad_x,grad_y,weight,write  as there
/// \param s                           sizes that suit
/// \throws DeviceError  a layer too large, or a launch failed
void conv2d_backward_input(Tensor& grad_x, const Tensor& grad_y, const Tensor& weight, const ConvSizes& s,
                           Write write);

/// See Backend::conv2d_backward_weight().
/// \param grad_weight,grad_bias,grad_y,x,shards  as there
/// \param s                                      sizes that suit
/// \throws DeviceError  a layer too large, or a launch failed
void conv2d_backward_weight(Tensor& grad_weight, Tensor* grad_bias, const Tensor& grad_y, const Tensor& x,
                            const ConvSizes& s, const Shards& shards);

/// \param s          sizes that suit
/// \param operation  one of the passes
/// \return           floats of work space
Index scratch_floats(const ConvSizes& s, Operation operation);

/// \param s  sizes that suit
/// \return   those of the pass to the weights
Index weight_scratch_floats(const ConvSizes& s);

}  // namespace cnn::cuda::winograd
