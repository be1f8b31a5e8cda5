// SPDX-License-Identifier: MIT

// The first steps of a run with seed 0 against those of the book's code in PyTorch.

#include "tests/support/loss_trace.hpp"
#include "tests/support/backends.hpp"

#include <boost/test/unit_test.hpp>

#include "chapters/08_nin/nin.hpp"

namespace {

using namespace cnn;
namespace utf = boost::unit_test;

BOOST_AUTO_TEST_SUITE(loss_trace)

BOOST_TEST_DECORATOR(*utf::precondition(test::WholeDataset()))
BOOST_AUTO_TEST_CASE(six_steps_are_those_of_pytorch) {
  test::follow_loss_trace("nin", test::tested_backends().back(), 6, make_nin);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
