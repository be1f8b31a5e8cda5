// SPDX-License-Identifier: MIT

// The first steps of a run with seed 0 against those of the book's code in PyTorch.

#include "tests/support/loss_trace.hpp"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "chapters/05_lenet/lenet.hpp"
#include "tests/support/backends.hpp"

namespace {

using namespace cnn;
namespace utf = boost::unit_test;

BOOST_AUTO_TEST_SUITE(loss_trace)

BOOST_TEST_DECORATOR(*utf::precondition(test::WholeDataset()))
BOOST_AUTO_TEST_CASE(thirty_steps_are_those_of_pytorch) {
  test::follow_loss_trace("lenet", test::tested_backends().back(), 30, make_lenet);
}

BOOST_TEST_DECORATOR(*utf::precondition(test::WholeDataset()))
BOOST_DATA_TEST_CASE(three_steps_agree_on_every_rung, test::backends(), backend) {
  test::follow_loss_trace("lenet", backend, 3, make_lenet);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
