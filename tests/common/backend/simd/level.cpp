// SPDX-License-Identifier: MIT
// The choice of the instruction set.
#include <boost/test/unit_test.hpp>

#include "common/backend/backend.hpp"
#include "common/core/check.hpp"
#include "tests/support/simd_levels.hpp"

using namespace cnn;

BOOST_AUTO_TEST_SUITE(level)

BOOST_AUTO_TEST_CASE(the_portable_one_comes_first) { BOOST_TEST(simd_level_names().front() == "portable"); }

BOOST_AUTO_TEST_CASE(each_can_be_chosen) {
  for (const std::string& name : simd_level_names()) {
    const test::SimdLevelScope scope(name);
    BOOST_TEST(simd_level() == name);
  }
}

BOOST_AUTO_TEST_CASE(unknown_names_are_refused) {
  const std::string before = simd_level();
  BOOST_CHECK_THROW(use_simd_level("sse9"), UsageError);
  BOOST_TEST(simd_level() == before);
}

BOOST_AUTO_TEST_SUITE_END()
