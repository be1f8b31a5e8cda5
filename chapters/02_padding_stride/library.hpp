// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <vector>

#include "chapters/02_padding_stride/corr2d.hpp"

namespace cnn::padding_stride {

/// A convolutional layer with one channel, as the section sets it up four times.
struct Layer {
  Matrix weight;          ///< kernel, [kh, kw]
  float bias = 0;         ///< added to every output element
  ConvGeometry geometry;  ///< stride and padding
};

/// Draws a layer as the constructor of PyTorch's `nn.Conv2d` does: uniform numbers within \f$ \pm 1/\sqrt{k_h k_w} \f$.
/// \param kernel    size of the kernel
/// \param geometry  stride and padding
/// \param rng       where the random numbers come from
/// \return          the layer
inline Layer make_layer(Size2d kernel, const ConvGeometry& geometry, Rng& rng) {
  Layer layer{xt::zeros<float>({kernel.h, kernel.w}), 0, geometry};
  const float bound =
      static_cast<float>(1 / std::sqrt(static_cast<double>(kernel.h * kernel.w)));
  rng.fill_uniform({layer.weight.data(), layer.weight.size()}, -bound, bound);
  rng.fill_uniform({&layer.bias, 1}, -bound, bound);
  return layer;
}

/// Draws an image from U(0, 1), as `torch.rand` does.
/// \param size  rows and columns
/// \param rng   where the random numbers come from
/// \return      the image
inline Matrix random_image(Size2d size, Rng& rng) {
  Matrix x = xt::zeros<float>({size.h, size.w});
  rng.fill_uniform({x.data(), x.size()}, 0, 1);
  return x;
}

/// What the book calls `comp_conv2d`: the layer's answer to one image, in the code of this section.
/// \param layer  the layer
/// \param x      image, [h, w]
/// \return       output
inline Matrix comp_conv2d(const Layer& layer, const Matrix& x) {
  return corr2d(x, layer.weight, layer.geometry) + layer.bias;
}

/// The same through the operation of the library, which works on batches of images with channels: [n, c, h, w].
/// \param layer  the layer
/// \param x      image, [h, w]
/// \return       output
//! [library]
inline Matrix library_conv2d(const Layer& layer, const Matrix& x) {
  const Tensor image = from_xtensor(x).reshape({1, 1, size(x).h, size(x).w});
  const Tensor weight =
      from_xtensor(layer.weight)
          .reshape({1, 1, size(layer.weight).h, size(layer.weight).w});
  const Tensor bias = Tensor::from_values({1}, std::vector<float>{layer.bias});
  const Tensor y = ops::conv2d(image, weight, &bias, layer.geometry);
  return xt::view(view<4>(y), 0, 0, xt::all(), xt::all());
}
//! [library]

/// \param a  a matrix
/// \param b  one of the same shape
/// \return   the largest absolute difference of two elements
inline float largest_difference(const Matrix& a, const Matrix& b) {
  return xt::amax(xt::abs(a - b))();
}

}  // namespace cnn::padding_stride
