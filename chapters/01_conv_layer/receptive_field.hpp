// SPDX-License-Identifier: MIT
#pragma once

#include "chapters/01_conv_layer/corr2d.hpp"

namespace cnn::conv_layer {

/// Raises each pixel of an image by one, in turn, and measures how far one output element moves: what the element sees of
/// the image is where the answer is not zero.
/// \param network  any function from an image, [h, w], to an output
/// \param h        rows of the image
/// \param w        columns of the image
/// \param i        row of the output element
/// \param j        column of the output element
/// \return         change of the element for each pixel, [h, w]
//! [receptive_field]
template <typename Network>
Matrix influence_on(const Network& network, std::size_t h, std::size_t w,
                    std::size_t i, std::size_t j) {
  Matrix image = xt::zeros<float>({h, w});
  const float before = network(image)(i, j);
  Matrix influence = xt::zeros<float>({h, w});
  for (std::size_t row = 0; row < h; ++row) {
    for (std::size_t col = 0; col < w; ++col) {
      image(row, col) = 1;
      influence(row, col) = network(image)(i, j) - before;
      image(row, col) = 0;
    }
  }
  return influence;
}
//! [receptive_field]

}  // namespace cnn::conv_layer
