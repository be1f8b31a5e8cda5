// SPDX-License-Identifier: MIT

// The first steps of a run with seed 0 against those of the book's code in PyTorch, with PyTorch's batch normalization.

#include "tests/support/loss_trace.hpp"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "chapters/10_batch_norm/lenet.hpp"
#include "tests/support/backends.hpp"

namespace {

using namespace cnn;
namespace utf = boost::unit_test;

BOOST_AUTO_TEST_SUITE(loss_trace)

BOOST_TEST_DECORATOR(*utf::precondition(test::WholeDataset()))
BOOST_DATA_TEST_CASE(three_steps_are_those_of_pytorch, test::backends(), backend) {
  test::follow_loss_trace("batch_norm", backend, 3, [](Index channels, Index classes, Rng& rng) {
    return batch_norm::make_lenet(channels, classes, "library", rng);
  });
}

BOOST_TEST_DECORATOR(*utf::precondition(test::WholeDataset()))
BOOST_AUTO_TEST_CASE(thirty_steps_stay_close) {
  test::follow_loss_trace("batch_norm", test::tested_backends().back(), 30,
                          [](Index channels, Index classes, Rng& rng) {
                            return batch_norm::make_lenet(channels, classes, "library", rng);
                          });
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
