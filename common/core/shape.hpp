// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace cnn {

/// Signed index of elements, axes and images; signed, so that `i - padding` may be negative.
using Index = std::ptrdiff_t;

/// Sizes of a tensor's axes, row-major, slowest axis first. Images are [n, c, h, w].
using Shape = std::vector<Index>;

/// Height and width in pixels. One number means a square: `Size2d{3}` is 3 x 3, `Size2d{3, 5}` is 3 high and 5 wide.
struct Size2d {
  Index h;  ///< rows
  Index w;  ///< columns
  /// A square.
  /// \param side  rows and columns
  constexpr Size2d(Index side) : h(side), w(side) {}  // NOLINT: implicit, so that `.kernel = 3` works
  /// A rectangle.
  /// \param height  rows
  /// \param width   columns
  constexpr Size2d(Index height, Index width) : h(height), w(width) {}
  bool operator==(const Size2d&) const = default;
};

/// Number of elements of a tensor of this shape; 1 for the empty shape (a scalar).
/// \param shape  sizes of the axes
/// \return       their product
/// \throws ShapeError  a size is negative, or the product does not fit in Index
Index element_count(const Shape& shape);

/// Writes a shape as readers write it: "[2, 1, 28, 28]".
/// \param shape  sizes of the axes
/// \return       text
std::string to_string(const Shape& shape);

/// Writes a size as "3x5" (height x width).
/// \param size  height and width
/// \return      text
std::string to_string(Size2d size);

}  // namespace cnn
