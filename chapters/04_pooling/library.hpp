// SPDX-License-Identifier: MIT
#pragma once

#include "chapters/04_pooling/backward.hpp"
#include "common/cnn.hpp"

namespace cnn::pooling {

/// \param image  one image, [c, h, w]
/// \return       a batch of one image, as the library wants it, [1, c, h, w]
inline Tensor to_batch(const Image& image) {
  return from_xtensor(xt::view(image, xt::newaxis()));
}

/// \param batch  a batch of one image, [1, c, h, w]
/// \return       the image, [c, h, w]
inline Image to_image(const Tensor& batch) { return xt::view(view<4>(batch), 0); }

/// \param plane  one channel, [h, w]
/// \return       an image of one channel, [1, h, w]
inline Image one_channel(const Plane& plane) {
  return xt::view(plane, xt::newaxis());
}

/// pool2d() through the library's operations.
/// \param x       an image, [c, ih, iw]
/// \param window  size, stride and padding, in pixels
/// \param mode    maximum or average
/// \return        [c, oh, ow]
//! [library]
inline Image library_pool2d(const Image& x, const Window& window, Mode mode) {
  const Pool2dOptions options{
      .kernel = window.size, .stride = window.stride, .padding = window.padding};
  if (mode == Mode::max) return to_image(ops::max_pool2d(to_batch(x), options).y);
  return to_image(ops::avg_pool2d(to_batch(x), options));
}
//! [library]

/// pool2d_backward() through the library's operations.
/// \param grad_y  dL/dy, [c, oh, ow]
/// \param x       what library_pool2d() was given
/// \param window  what library_pool2d() was given
/// \param mode    what library_pool2d() was given
/// \return        dL/dx, [c, ih, iw]
inline Image library_pool2d_backward(const Image& grad_y, const Image& x,
                                     const Window& window, Mode mode) {
  const Pool2dOptions options{
      .kernel = window.size, .stride = window.stride, .padding = window.padding};
  const Tensor batch = to_batch(x);
  if (mode == Mode::average)
    return to_image(
        ops::avg_pool2d_backward(to_batch(grad_y), batch.shape(), options));
  const Tensor indices = ops::max_pool2d(batch, options).indices;
  return to_image(
      ops::max_pool2d_backward(to_batch(grad_y), indices, batch.shape(), options));
}

}  // namespace cnn::pooling
