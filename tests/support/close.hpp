// SPDX-License-Identifier: MIT
#pragma once

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <sstream>
#include <string>

#include "common/tensor/tensor.hpp"

namespace cnn::test {

/// How far two numbers may be apart: absolute + relative |b|. Zero means equal to the last bit.
struct Tolerance {
  double relative = 0;
  double absolute = 0;
};

/// \param a  a number
/// \param b  the number expected
/// \param t  how far apart they may be
/// \return   true if they are close, or both NaN, or the same infinity
inline bool is_close(double a, double b, Tolerance t) {
  return a == b || (std::isnan(a) && std::isnan(b)) ||
         std::abs(a - b) <= t.absolute + t.relative * std::abs(b);
}

/// Writes the position of an element as "[1, 0, 3]".
/// \param flat   its number in row-major order
/// \param shape  sizes of the axes
/// \return       text
inline std::string position(Index flat, const Shape& shape) {
  Shape index(shape.size());
  for (std::size_t axis = shape.size(); axis-- > 0; flat /= shape[axis]) index[axis] = flat % shape[axis];
  return to_string(index);
}

/// Compares shapes, types and elements.
/// \param a  a tensor on any device
/// \param b  the tensor expected
/// \param t  how far apart elements may be
/// \return   whether they are close; if not, where they first are not, both values there, and the largest difference
inline boost::test_tools::predicate_result tensors_close(const Tensor& a, const Tensor& b, Tolerance t = {}) {
  boost::test_tools::predicate_result result(true);
  if (a.shape() != b.shape() || a.dtype() != b.dtype()) {
    result = false;
    result.message() << to_string(a.dtype()) << " " << to_string(a.shape()) << " is not "
                     << to_string(b.dtype()) << " " << to_string(b.shape());
    return result;
  }
  const Tensor left = a.clone().to({});
  const Tensor right = b.clone().to({});
  // Equal bits are close, and found soon also by a program that is not optimised.
  const auto bytes = static_cast<std::size_t>(left.size() * size_of(left.dtype()));
  if (bytes == 0 || std::memcmp(left.pixels(), right.pixels(), bytes) == 0) return result;
  const auto element = [](const Tensor& x, Index k) {
    switch (x.dtype()) {
      case DType::f32:
        return double{x.data()[k]};
      case DType::f64:
        return x.doubles()[k];
      case DType::i32:
        return static_cast<double>(x.indices()[k]);
      case DType::i64:
        return static_cast<double>(x.labels()[k]);
      case DType::u8:
        break;
    }
    return static_cast<double>(x.pixels()[k]);
  };
  Index first = -1, count = 0;
  double largest = 0;
  for (Index k = 0; k < left.size(); ++k) {
    largest = std::max(largest, std::abs(element(left, k) - element(right, k)));
    if (is_close(element(left, k), element(right, k), t)) continue;
    if (count++ == 0) first = k;
  }
  if (count == 0) return result;
  result = false;
  std::ostringstream text;
  text.precision(9);
  text << "at " << position(first, left.shape()) << ": " << element(left, first) << " is not "
       << element(right, first) << " (" << count << " of " << left.size()
       << " elements differ, the largest difference is " << largest << ")";
  result.message() << text.str();
  return result;
}

}  // namespace cnn::test
