// SPDX-License-Identifier: MIT
#pragma once

#include <boost/test/unit_test.hpp>

#include <cstdlib>

#include "common/core/device_memory.hpp"
#include "tests/support/backends.hpp"
#include "tests/support/close.hpp"
#include "tests/support/random_tensor.hpp"

namespace cnn::test {

/// For the decorator `precondition`: skips a case where there is no device, unless CNN_REQUIRE_CUDA is set.
/// \return whether the case is to run
inline boost::test_tools::assertion_result has_device(boost::unit_test::test_unit_id) {
  boost::test_tools::assertion_result result(device_memory::device_count() > 0 ||
                                             std::getenv("CNN_REQUIRE_CUDA") != nullptr);
  result.message() << "there is no CUDA device";
  return result;
}

/// \param shape  sizes of the axes
/// \param seed   the same seed gives the same numbers
/// \return       numbers from U(-1, 1) where the rung in use works
inline Tensor random(const Shape& shape, std::uint64_t seed) { return on_device(random_tensor(shape, seed)); }

}  // namespace cnn::test
