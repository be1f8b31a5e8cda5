// SPDX-License-Identifier: MIT
#pragma once

#include <boost/test/unit_test.hpp>

#include <cmath>
#include <functional>
#include <vector>

namespace cnn::test {

/// Compares a gradient with central differences, (L(x + h) - L(x - h)) / 2h, element by element, in double: with h = 1e-5 the
/// error of the quotient is near 1e-10.
/// \param x          where the gradient was taken; each element is varied and put back
/// \param gradient   dL/dx as a backward function gave it
/// \param loss       L, a function of what x holds
/// \param tolerance  how far they may be apart, relative to 1 + |gradient|
/// \return           whether all are close; if not, where they are not
inline boost::test_tools::predicate_result is_gradient(std::vector<double>& x,
                                                       const std::vector<double>& gradient,
                                                       const std::function<double()>& loss,
                                                       double tolerance = 1e-8) {
  constexpr double h = 1e-5;
  boost::test_tools::predicate_result result(x.size() == gradient.size());
  for (std::size_t k = 0; k < x.size() && result; ++k) {
    const double middle = x[k];
    x[k] = middle + h;
    const double above = loss();
    x[k] = middle - h;
    const double below = loss();
    x[k] = middle;
    const double difference = (above - below) / (2 * h);
    if (std::abs(difference - gradient[k]) <= tolerance * (1 + std::abs(difference))) continue;
    result = false;
    result.message() << "at " << k << ": backward gives " << gradient[k] << ", the differences give "
                     << difference;
  }
  return result;
}

}  // namespace cnn::test
