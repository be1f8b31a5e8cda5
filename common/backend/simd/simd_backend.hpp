// SPDX-License-Identifier: MIT
#pragma once

#include "common/backend/backend.hpp"

namespace cnn {

/// The third rung: kernels written for the vector registers of the CPU, with packing, blocking and fewer multiplications.
/// Needs neither BLAS nor xtensor. The instruction set is chosen at run time, see use_simd_level().
class SimdBackend : public Backend {
 public:
  /// \param below  the rung that does the rest
  explicit SimdBackend(Backend* below);
  std::string name() const override { return "simd"; }
};

}  // namespace cnn
