// SPDX-License-Identifier: MIT
#pragma once

#include "chapters/03_channels/backward.hpp"
#include "common/cnn.hpp"

namespace cnn::channels {

/// \param image  one image, [c, h, w]
/// \return       a batch of one image, as the library wants it, [1, c, h, w]
inline Tensor to_batch(const Image& image) {
  return from_xtensor(xt::view(image, xt::newaxis()));
}

/// \param batch  a batch of one image, [1, c, h, w]
/// \return       the image, [c, h, w]
inline Image to_image(const Tensor& batch) { return xt::view(view<4>(batch), 0); }

/// corr2d_multi_in_out() through the library's operation.
/// \param x  an image, [ic, ih, iw]
/// \param k  kernels, [oc, ic, kh, kw]
/// \return   [oc, ih - kh + 1, iw - kw + 1]
//! [library]
inline Image library_conv2d(const Image& x, const Kernels& k) {
  return to_image(ops::conv2d(to_batch(x), from_xtensor(k), nullptr));
}
//! [library]

/// corr2d_multi_in_out_backward() through the library's operation.
/// \param grad_y  dL/dy, [oc, oh, ow]
/// \param x       what library_conv2d() was given
/// \param k       what library_conv2d() was given
/// \return        both gradients
inline Grads library_conv2d_backward(const Image& grad_y, const Image& x,
                                     const Kernels& k) {
  const ops::Conv2dGrads grads =
      ops::conv2d_backward(to_batch(grad_y), to_batch(x), from_xtensor(k));
  return {to_image(grads.x), view<4>(grads.weight)};
}

/// Gradients of L = (sum of the squares of the output) / 2, measured by central differences.
/// \param x  an image, [ic, h, w]
/// \param k  kernels, [oc, ic, kh, kw]
/// \return   both gradients
inline Grads measured_gradients(const Image& x, const Kernels& k) {
  const auto loss = [](const Image& y) {
    return 0.5 * xt::sum<double>(xt::square(y))();
  };
  return {central_differences(
              [&](const Image& at) { return loss(corr2d_multi_in_out(at, k)); }, x,
              0.5F),
          central_differences(
              [&](const Kernels& at) { return loss(corr2d_multi_in_out(x, at)); },
              k, 0.5F)};
}

/// \param shape  sizes of the axes
/// \param rng    the generator
/// \return       numbers from U(0, 1), those of `torch.rand` after the same seed
template <typename Array>
Array random_array(const typename Array::shape_type& shape, Rng& rng) {
  Array array(shape);
  rng.fill_uniform({array.data(), array.size()}, 0.0F, 1.0F);
  return array;
}

}  // namespace cnn::channels
