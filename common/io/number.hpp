// SPDX-License-Identifier: MIT
#pragma once

#include <fmt/format.h>

#include <cmath>
#include <string>

namespace cnn::io {

/// Writes a number with as few digits as give the same number back. One that is exactly a float, as losses often are, takes a
/// float's digits: 2.369889, not 2.3698890209197998.
/// \param value  the number
/// \param other  what stands for NaN and infinity
/// \return       text
inline std::string number_text(double value, const char* other) {
  if (!std::isfinite(value)) return other;
  const auto narrow = static_cast<float>(value);
  return static_cast<double>(narrow) == value ? fmt::format("{}", narrow) : fmt::format("{}", value);
}

}  // namespace cnn::io
