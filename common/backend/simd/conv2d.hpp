// SPDX-License-Identifier: MIT
#pragma once

#include <memory>

#include "common/backend/conv_sizes.hpp"
#include "common/backend/simd/gemm.hpp"

namespace cnn::simd {

/// As Backend::conv2d(), multiplying every pixel by every tap: a product of matrices, with windows packed when they are needed.
/// \param y,x,w  as there
/// \param s      their sizes
void packed_conv2d(Tensor& y, const Tensor& x, const ConvWeights& w, const ConvSizes& s);

/// \param w  weight of a convolution, and where its form is kept
/// \param s  sizes
/// \return   the kernels as rows of a matrix, [oc, taps]
std::shared_ptr<const PackedRows> packed_kernels(const ConvWeights& w, const ConvSizes& s);

// Convolutions of few input channels with wide images, such as the first of a network: no panels are packed at all.

/// \param s  sizes of a convolution
/// \return   whether its forward pass is faster so
bool direct_pays(const ConvSizes& s);
/// As Backend::conv2d().
/// \param y,x,w  as there
/// \param s      sizes for which direct_pays()
void direct_conv2d(Tensor& y, const Tensor& x, const ConvWeights& w, const ConvSizes& s);
/// \param s  sizes for which direct_pays()
/// \return   floats that direct_conv2d() takes beside the arguments, on all threads together
Index direct_scratch(const ConvSizes& s);

/// As Backend::conv2d(), for few pixels and kept kernels.
/// \param y,x,w  as there
/// \param s      sizes for which few_pixels_pay()
void few_pixels_conv2d(Tensor& y, const Tensor& x, const ConvWeights& w, const ConvSizes& s);

/// \param s  sizes of a convolution
/// \return   floats that the gradient of its weights takes beside the arguments, on all threads together
Index weight_scratch(const ConvSizes& s);

/// \param operation  linear or one of its gradients
/// \param n          rows of x
/// \param weight     [out, in]
/// \return           floats that it takes beside the arguments, on all threads together
Index linear_scratch(Operation operation, Index n, const Shape& weight);

}  // namespace cnn::simd
