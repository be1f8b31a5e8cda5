// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

namespace cnn::bench {

/// A rung of the ladder; the simd rung counts once for each instruction set.
struct Rung {
  std::string backend;  ///< "reference"
  std::string level{};  ///< "avx2"; empty where the rung has no choice

  /// \return "reference", "simd (avx2)"
  std::string name() const { return level.empty() ? backend : backend + " (" + level + ")"; }
};

/// \return the rungs of the processor that this build and machine have, slowest first
std::vector<Rung> rungs();

/// Runs operations on this rung from now on.
/// \param rung  one of rungs()
void use(const Rung& rung);

}  // namespace cnn::bench
