// SPDX-License-Identifier: MIT

// Whole runs of five epochs against those of the book's code in PyTorch with the same seeds.

#include "tests/support/epochs.hpp"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

namespace {

using namespace cnn;
namespace utf = boost::unit_test;

BOOST_AUTO_TEST_SUITE(epochs)

BOOST_TEST_DECORATOR(*utf::precondition(test::WholeDataset()))
BOOST_DATA_TEST_CASE(follow_pytorch, boost::unit_test::data::make({0, 1, 2}), seed) {
  test::follow_epochs({CNN_LENET}, "lenet", seed);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
