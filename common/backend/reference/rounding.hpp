// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <ostream>
#include <span>
#include <vector>

#include "common/backend/reference/conv2d.hpp"

namespace cnn::reference {

/// How far numbers are from exact ones.
struct Rounding {
  double rms;  ///< of the errors, as a share of the rms of the exact numbers
  double max;  ///< largest error, as a share of the largest exact number; infinite or no number if one is

  /// \param out  a stream
  /// \param e    what is written to it
  /// \return     the stream
  friend std::ostream& operator<<(std::ostream& out, const Rounding& e) {
    return out << "rms " << e.rms << " max " << e.max;
  }
};

/// \param values  numbers
/// \param exact   what they should be
/// \return        how far they are from that
inline Rounding rounding(std::span<const float> values, std::span<const double> exact) {
  double squares = 0, exact_squares = 0, most = 0, exact_most = 0;
  for (std::size_t k = 0; k < exact.size(); ++k) {
    const double difference = double{values[k]} - exact[k];
    squares += difference * difference;
    exact_squares += exact[k] * exact[k];
    most = std::isfinite(difference) ? std::max(most, std::abs(difference)) : std::abs(difference);
    exact_most = std::max(exact_most, std::abs(exact[k]));
  }
  return {std::sqrt(squares / exact_squares), most / exact_most};
}

/// \param x  a tensor
/// \return   its numbers
inline std::vector<double> in_double(const Tensor& x) { return {x.values().begin(), x.values().end()}; }

/// \param values  numbers, const or not
/// \param like    a tensor of four axes with as many elements
/// \return        the numbers with the tensor's sizes
template <typename Values>
auto array(Values& values, const Tensor& like) {
  const auto [n, c, h, w] = like.dims<4>();
  return array4(values.data(), n, c, h, w);
}

/// The forward pass of a convolution in double.
/// \param y       a tensor of the output's shape
/// \param x       images, [n, ic, ih, iw]
/// \param weight  kernels, [oc, ic, kh, kw]
/// \param bias    [oc], or null for none
/// \param g       stride and padding, in pixels
/// \return        the output
inline std::vector<double> exact_conv2d(const Tensor& y, const Tensor& x, const Tensor& weight,
                                        const Tensor* bias, const ConvGeometry& g) {
  std::vector<double> result(static_cast<std::size_t>(y.size()));
  const std::vector<double> images = in_double(x), kernels = in_double(weight);
  const std::vector<double> b = bias == nullptr ? std::vector<double>{} : in_double(*bias);
  conv2d<double>(array(result, y), array(images, x), array(kernels, weight),
                 bias == nullptr ? nullptr : b.data(), g);
  return result;
}

}  // namespace cnn::reference
