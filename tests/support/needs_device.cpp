// SPDX-License-Identifier: MIT

// Part of the test programs labelled cuda in a build for real cards. Without a card their cases are skipped by name; where
// CNN_REQUIRE_CUDA is set, they fail instead.

#include <boost/test/tree/traverse.hpp>
#include <boost/test/tree/visitor.hpp>
#include <boost/test/unit_test.hpp>
#include <cstdlib>

#include "common/core/device_memory.hpp"

namespace {

namespace utf = boost::unit_test;

boost::test_tools::assertion_result has_device(utf::test_unit_id) {
  boost::test_tools::assertion_result result(cnn::device_memory::device_count() > 0);
  result.message() << "there is no CUDA device";
  return result;
}

struct NeedsDevice : utf::test_tree_visitor {
  NeedsDevice() {
    const bool required = std::getenv("CNN_REQUIRE_CUDA") != nullptr;
    BOOST_TEST_REQUIRE((!required || cnn::device_memory::device_count() > 0),
                       "CNN_REQUIRE_CUDA is set, and there is no CUDA device");
    utf::traverse_test_tree(utf::framework::master_test_suite(), *this, true);
  }
  void visit(const utf::test_case& c) override {
    utf::framework::get<utf::test_case>(c.p_id).add_precondition(has_device);
  }
};

}  // namespace

BOOST_TEST_GLOBAL_FIXTURE(NeedsDevice);
