// SPDX-License-Identifier: MIT
#pragma once

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>

#include <string>

#include "common/backend/backend.hpp"

namespace cnn::test {

/// \return the instruction sets of the `simd` rung on this machine as a data set: a test case runs once with each
inline auto simd_levels() { return boost::unit_test::data::make(simd_level_names()); }

/// An instruction set for the life of a scope.
class SimdLevelScope {
 public:
  /// \param name  one of simd_level_names()
  explicit SimdLevelScope(const std::string& name) : former_(simd_level()) { use_simd_level(name); }
  ~SimdLevelScope() { use_simd_level(former_); }
  SimdLevelScope(const SimdLevelScope&) = delete;
  SimdLevelScope& operator=(const SimdLevelScope&) = delete;

 private:
  std::string former_;
};

}  // namespace cnn::test
