// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <limits>

#include "tests/common/backend/cuda/device.hpp"

namespace cnn::test {

/// \param x  a tensor of the host
/// \return   its absolute values
inline Tensor absolute(const Tensor& x) {
  Tensor y = x.clone();
  for (float& value : y.values()) value = std::abs(value);
  return y;
}

/// What rounding two factors to the 11 bits of tf32 changes at most, as a share of their product: 2^-11 of either, 2^-22 of both.
constexpr double tf32_share = 0x1p-10 + 0x1p-22;

/// Whether sums of products of rounded factors are as far from the exact sums as they may be and farther than sums of floats are:
/// by tf32_share of each product, so of the sum of their absolute values.
/// \param some       sums, on any device
/// \param exact      the same without rounding
/// \param absolutes  sums of the absolute values, or more
/// \param in_float   largest error of sums of floats, which comes to that of the factors
/// \return           true, or false with the largest error
inline boost::test_tools::assertion_result is_rounded(const Tensor& some, const Tensor& exact,
                                                      const Tensor& absolutes, double in_float) {
  const Tensor a = some.clone().to({}), b = exact.clone(), c = absolutes.clone();
  double share = 0, most = 0;  // of what is allowed; largest error
  for (Index i = 0; i < b.size(); ++i) {
    const double error = std::abs(double{a.data()[i]} - double{b.data()[i]});
    if (!std::isfinite(error)) share = std::numeric_limits<double>::infinity();
    share = std::max(share, error / (tf32_share * double{c.data()[i]} + in_float));
    most = std::max(most, error);
  }
  boost::test_tools::assertion_result result(share <= 1 && most > in_float);
  result.message() << "errors up to " << most << ", " << 100 * share << " % of what is allowed";
  return result;
}

}  // namespace cnn::test
