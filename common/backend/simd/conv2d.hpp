// SPDX-License-Identifier: MIT
#pragma once

#include "common/backend/conv_sizes.hpp"

namespace cnn::simd {

/// As Backend::conv2d(), multiplying every pixel by every tap: a product of matrices, with windows packed when they are needed.
/// \param y,x,w  as there
/// \param s      their sizes
void direct_conv2d(Tensor& y, const Tensor& x, const ConvWeights& w, const ConvSizes& s);

}  // namespace cnn::simd
