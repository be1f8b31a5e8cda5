// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include "tests/support/backends.hpp"
#include "tests/support/close.hpp"
#include "tests/support/random_tensor.hpp"
#include "tests/support/simd_levels.hpp"

namespace cnn::test {

/// Runs operations on the `simd` rung with one instruction set and on the `reference` rung and compares what they give; also
/// that one, two and four threads give the same bits.
/// \param level  one of simd_level_names()
/// \param run    makes tensors from the active rung
/// \param t      how far apart both rungs may be
/// \return       whether all agree; the message names the first tensor that does not
template <typename Run>
boost::test_tools::predicate_result agrees_with_reference(const std::string& level, const Run& run,
                                                          Tolerance t = {}) {
  const SimdLevelScope level_scope(level);
  const auto run_on = [&](const std::string& rung, int threads) {
    const BackendScope rung_scope(rung);
    const ThreadScope thread_scope(threads);
    return std::vector<Tensor>(run());
  };
  const std::vector<Tensor> one = run_on("simd", 1);
  const auto compare = [&](const std::string& what, const std::vector<Tensor>& other, Tolerance tolerance) {
    boost::test_tools::predicate_result result(true);
    for (std::size_t k = 0; k < one.size() && result; ++k) {
      result = tensors_close(one[k], other[k], tolerance);
      if (!result) result.message() << ", tensor " << k << ", against " << what;
    }
    return result;
  };
  for (const int threads : {2, 4}) {
    const auto result = compare(std::to_string(threads) + " threads", run_on("simd", threads), {});
    if (!result) return result;
  }
  return compare("the reference", run_on("reference", 2), t);
}

}  // namespace cnn::test
