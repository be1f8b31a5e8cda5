// SPDX-License-Identifier: MIT
#pragma once

#include <boost/test/unit_test.hpp>

#include "tests/support/backends.hpp"
#include "tests/support/close.hpp"
#include "tests/support/random_tensor.hpp"

namespace cnn::test {

/// \param shape  sizes of the axes
/// \param seed   the same seed gives the same numbers
/// \return       numbers from U(-1, 1) where the rung in use works
inline Tensor random(const Shape& shape, std::uint64_t seed) { return on_device(random_tensor(shape, seed)); }

}  // namespace cnn::test
