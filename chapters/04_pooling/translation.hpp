// SPDX-License-Identifier: MIT
#pragma once

#include "chapters/04_pooling/pool2d.hpp"

namespace cnn::pooling {

/// The image of section 5.1: white, with a black bar from column 2 to column 5.
/// \param shift  pixels the bar is moved to the right, -2 to 2
/// \return       [6, 8], 1 is white and 0 black
//! [image]
inline Plane image_with_bar(int shift) {
  Plane x = xt::ones<float>({6, 8});
  xt::view(x, xt::all(), xt::range(2 + shift, 6 + shift)) = 0;
  return x;
}
//! [image]

/// Finds vertical edges, as section 5.1 does with the kernel [1, -1].
/// \param x  an image, [h, w]
/// \return   [h, w - 1]: 1 where white turns into black, -1 where black turns into white
//! [edges]
inline Plane vertical_edges(const Plane& x) {
  return xt::view(x, xt::all(), xt::range(0, x.shape(1) - 1)) -
         xt::view(x, xt::all(), xt::range(1, x.shape(1)));
}
//! [edges]

}  // namespace cnn::pooling
