// SPDX-License-Identifier: MIT
#pragma once

// Included by unfused_<level>.cpp only, see there.

#include <algorithm>
#include <cmath>

#include "common/backend/simd/elementwise_kernels.hpp"

namespace cnn::simd {
namespace {

template <typename Arch>
float largest_of(const float* x, Index count) {
  using Vec = Floats<Arch>;
  constexpr Index width = width_of<Arch>;
  float largest = x[0];
  Index k = 0;
  if (count >= width) {
    Vec most = Vec::load_unaligned(x);
    for (k = width; k + width <= count; k += width) most = max(most, Vec::load_unaligned(x + k));
    float values[static_cast<std::size_t>(width)];
    most.store_unaligned(values);
    for (const float value : values) largest = std::max(largest, value);
  }
  for (; k < count; ++k) largest = std::max(largest, x[k]);
  return largest;
}

/// In double, but for the first additions of long rows.
template <typename Arch>
double sum_all(const float* x, Index count) {
  using Vec = Floats<Arch>;
  constexpr Index width = width_of<Arch>;
  Vec sum(0.0F);
  Index k = 0;
  for (; k + width <= count; k += width) sum = sum + Vec::load_unaligned(x + k);
  double total = sum_of<Arch>(sum);
  for (; k < count; ++k) total += double{x[k]};
  return total;
}

/// The row stays in the first cache: the largest score, the powers, their sum, the quotients.
template <typename Arch>
double softmax_row(float* p, const float* z, Index classes) {
  using Vec = Floats<Arch>;
  const float largest = largest_of<Arch>(z, classes);
  map<Arch>(
      classes, [m = Vec(largest)](Vec score) { return exp_of_nonpositive<Arch>(score - m); }, p, z);
  const double sum = sum_all<Arch>(p, classes);
  map<Arch>(
      classes, [s = Vec(static_cast<float>(sum))](Vec power) { return power / s; }, p, p);
  return double{largest} + std::log(sum);
}

}  // namespace
}  // namespace cnn::simd
