// SPDX-License-Identifier: MIT

// The first steps of a run with seed 0 against those of the book's code in PyTorch.

#include "tests/support/loss_trace.hpp"
#include "tests/support/backends.hpp"

#include <boost/test/unit_test.hpp>

#include "chapters/12_densenet/densenet.hpp"

namespace {

using namespace cnn;
namespace utf = boost::unit_test;

BOOST_AUTO_TEST_SUITE(loss_trace)

BOOST_TEST_DECORATOR(*utf::precondition(test::WholeDataset()))
BOOST_AUTO_TEST_CASE(three_steps_are_those_of_pytorch) {
  // Batch normalization over 16 images makes much of a last digit: with and without its library of kernels, PyTorch parts
  // from itself by 1 % in the norm of step 3.
  test::follow_loss_trace(
      "densenet", test::tested_backends().back(), 3,
      [](Index channels, Index classes, Rng& rng) { return make_densenet(channels, classes, 32, rng); },
      {.loss = {1e-5, 1e-3, 5e-3}, .gradient = {1e-3, 1e-2, 3e-2}});
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
