// SPDX-License-Identifier: MIT
#pragma once

#include "common/tensor/tensor.hpp"

namespace cnn::data {

/// Tells a picture with a light background from one with a dark one, as Fashion-MNIST has it: the mean of its outermost pixels
/// is above one half. What it shows may be as light as it likes.
/// \param image  one gray picture, u8 (0 to 255) or f32 (0 to 1), [h, w] with any number of axes of size 1 before
/// \return       true if the background is light
/// \throws ShapeError  not one gray picture
bool has_light_background(const Tensor& image);

}  // namespace cnn::data
