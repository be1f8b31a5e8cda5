// SPDX-License-Identifier: MIT
#include "common/data/background.hpp"

#include "common/core/check.hpp"

namespace cnn::data {

bool has_light_background(const Tensor& image) {
  const Index rank = image.defined() ? image.rank() : 0;
  const Index h = rank < 2 ? 0 : image.shape()[static_cast<std::size_t>(rank - 2)];
  const Index w = rank < 2 ? 0 : image.shape()[static_cast<std::size_t>(rank - 1)];
  CNN_CHECK(
      h > 0 && w > 0 && image.size() == h * w && (image.dtype() == DType::u8 || image.dtype() == DType::f32),
      ShapeError,
      "[background] expects one gray picture of u8 or f32" +
          (rank > 0 ? ", got " + to_string(image.dtype()) + " " + to_string(image.shape()) : ""));
  const bool bytes = image.dtype() == DType::u8;
  double sum = 0;
  Index count = 0;
  for (Index i = 0; i < h; ++i) {
    const bool whole_row = i == 0 || i == h - 1;
    for (Index j = 0; j < w; j += whole_row || w == 1 ? 1 : w - 1) {
      sum += bytes ? image.pixels()[i * w + j] / 255.0 : static_cast<double>(image.data()[i * w + j]);
      ++count;
    }
  }
  return sum > 0.5 * static_cast<double>(count);
}

}  // namespace cnn::data
