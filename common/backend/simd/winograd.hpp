// SPDX-License-Identifier: MIT
#pragma once

#include "common/backend/conv_sizes.hpp"
#include "common/backend/shards.hpp"
#include "common/backend/simd/kernels.hpp"

namespace cnn::simd {

// Convolutions with fewer multiplications, see winograd_tile.hpp. For square kernels of 3 or 5 and stride 1, or of 3 and
// stride 2.

/// \param s  sizes of a convolution
/// \return   whether Winograd's algorithm can do its forward pass, and is likely the faster way
bool winograd_pays(const ConvSizes& s);
/// \param s  sizes of a convolution
/// \return   the same for the gradient with respect to the input
bool winograd_backward_input_pays(const ConvSizes& s);
/// \param s  sizes of a convolution
/// \return   the same for the gradient with respect to the weight
bool winograd_backward_weight_pays(const ConvSizes& s);

/// As Backend::conv2d().
/// \param y,x,w  as there
/// \param s      sizes of the convolution
/// \param tile   best_tile(s), or another one for this kernel
void winograd_conv2d(Tensor& y, const Tensor& x, const ConvWeights& w, const ConvSizes& s,
                     const WinogradTile& tile);

/// As Backend::conv2d_backward_input().
/// \param grad_x,grad_y,weight  as there
/// \param s                     sizes for which winograd_backward_input_pays()
void winograd_backward_input(Tensor& grad_x, const Tensor& grad_y, const Tensor& weight, const ConvSizes& s);

/// As Backend::conv2d_backward_weight() without a bias.
/// \param grad_weight,grad_y,x  as there
/// \param s                     sizes for which winograd_backward_weight_pays()
/// \param shards                those of the images
void winograd_backward_weight(Tensor& grad_weight, const Tensor& grad_y, const Tensor& x, const ConvSizes& s,
                              const Shards& shards);

/// Work space of winograd_conv2d() and winograd_backward_input().
/// \param tile  best_tile() or best_flipped_tile()
/// \param s     sizes of the convolution, or backward_sizes()
/// \return      floats, on all threads together
Index winograd_scratch(const WinogradTile& tile, const ConvSizes& s);

/// Work space of winograd_backward_weight().
/// \param s  sizes for which winograd_backward_weight_pays()
/// \return   floats, on all threads together
Index winograd_weight_scratch(const ConvSizes& s);

}  // namespace cnn::simd
