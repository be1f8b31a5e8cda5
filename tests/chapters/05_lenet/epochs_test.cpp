// SPDX-License-Identifier: MIT

// Whole runs of five epochs against those of the book's code in PyTorch with the same seeds.

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <cmath>

#include "common/io/metrics.hpp"
#include "tests/support/fixtures.hpp"
#include "tests/support/program.hpp"

namespace {

using namespace cnn;
namespace utf = boost::unit_test;

void follow(int seed) {
  const test::TemporaryFolder folder;
  const auto run =
      test::run_program({CNN_LENET, "--seed", std::to_string(seed), "--out", folder.path().string()});
  BOOST_TEST_REQUIRE(run.code == 0, run.errors);
  const nlohmann::json expected = test::fixture("pytorch_epochs_lenet.json")["seeds"][std::to_string(seed)];
  const std::vector<double> losses = expected["loss"];
  const std::vector<double> train_accuracies = expected["train_accuracy"];
  const std::vector<double> test_accuracies = expected["test_accuracy"];
  const auto epochs = io::read_metrics(folder / "metrics.jsonl");
  BOOST_TEST_REQUIRE(epochs.size() == 5U);
  for (std::size_t k = 0; k < 5; ++k) {
    BOOST_TEST_CONTEXT("epoch " << k + 1) {
      BOOST_TEST(std::abs(epochs[k].loss - losses[k]) < 0.002);
      BOOST_TEST(std::abs(epochs[k].train_accuracy - train_accuracies[k]) < 0.003);
      BOOST_TEST(std::abs(epochs[k].test_accuracy - test_accuracies[k]) < 0.003);
    }
  }
}

BOOST_AUTO_TEST_SUITE(epochs)

BOOST_TEST_DECORATOR(*utf::precondition(test::WholeDataset()))
BOOST_DATA_TEST_CASE(follow_pytorch, boost::unit_test::data::make({0, 1, 2}), seed) { follow(seed); }

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
