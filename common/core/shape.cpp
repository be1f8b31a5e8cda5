// SPDX-License-Identifier: MIT
#include "common/core/shape.hpp"

#include "common/core/check.hpp"

namespace cnn {

Index element_count(const Shape& shape) {
  Index count = 1;
  for (const Index size : shape) {
    CNN_CHECK(size >= 0, ShapeError, "[shape] a size is negative: " + to_string(shape));
    CNN_CHECK(!__builtin_mul_overflow(count, size, &count), ShapeError,
              "[shape] too many elements to count: " + to_string(shape));
  }
  return count;
}

std::string to_string(const Shape& shape) {
  std::string text = "[";
  for (std::size_t axis = 0; axis < shape.size(); ++axis) {
    if (axis > 0) text += ", ";
    text += std::to_string(shape[axis]);
  }
  return text + "]";
}

std::string to_string(Size2d size) { return std::to_string(size.h) + "x" + std::to_string(size.w); }

}  // namespace cnn
