// SPDX-License-Identifier: MIT

// The first steps of a run with seed 0 against those of the book's code in PyTorch.

#include "tests/support/loss_trace.hpp"
#include "tests/support/backends.hpp"

#include <boost/test/unit_test.hpp>

#include "chapters/06_alexnet/alexnet.hpp"

namespace {

using namespace cnn;
namespace utf = boost::unit_test;

BOOST_AUTO_TEST_SUITE(loss_trace)

BOOST_TEST_DECORATOR(*utf::precondition(test::WholeDataset()))
BOOST_AUTO_TEST_CASE(three_steps_are_those_of_pytorch) {
  // Step 2 throws the loss to 3.09; from then on a last digit grows so fast that PyTorch, run on another processor, parts
  // from its own trace by percents in step 6.
  test::follow_loss_trace("alexnet", test::tested_backends().back(), 3, make_alexnet,
                          {.loss = {1e-5, 1e-3}, .gradient = {1e-3, 5e-3}});
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
