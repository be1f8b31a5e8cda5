// SPDX-License-Identifier: MIT
#pragma once

#include <boost/test/unit_test.hpp>

#include <cmath>
#include <string>
#include <vector>

#include "common/io/metrics.hpp"
#include "tests/support/fixtures.hpp"
#include "tests/support/program.hpp"

namespace cnn::test {

/// How far the epochs of a run may be from PyTorch's.
struct EpochTolerance {
  double loss = 0.002;            ///< of the mean loss of an epoch
  double train_accuracy = 0.003;  ///< share of the images
  double test_accuracy = 0.003;   ///< share of the images
};

/// Runs a program with the book's settings and compares its five epochs with those of the book's code in PyTorch.
/// \param command    the program, with options if needed
/// \param net        name of the expected epochs: tests/fixtures/pytorch_epochs_<net>.json
/// \param seed       one of the seeds in there
/// \param tolerance  how far apart they may be
inline void follow_epochs(std::vector<std::string> command, const std::string& net, int seed,
                          const EpochTolerance& tolerance = {}) {
  const TemporaryFolder folder;
  const std::string number = std::to_string(seed);
  command.insert(command.end(), {"--seed", number, "--out", folder.path().string()});
  const Finished run = run_program(command);
  BOOST_TEST_REQUIRE(run.code == 0, run.errors);
  const nlohmann::json expected = fixture("pytorch_epochs_" + net + ".json")["seeds"][number];
  const std::vector<double> losses = expected["loss"];
  const std::vector<double> train_accuracies = expected["train_accuracy"];
  const std::vector<double> test_accuracies = expected["test_accuracy"];
  const auto epochs = io::read_metrics(folder / "metrics.jsonl");
  BOOST_TEST_REQUIRE(epochs.size() == 5U);
  for (std::size_t k = 0; k < 5; ++k) {
    BOOST_TEST_CONTEXT("epoch " << k + 1) {
      BOOST_TEST(std::abs(epochs[k].loss - losses[k]) < tolerance.loss);
      BOOST_TEST(std::abs(epochs[k].train_accuracy - train_accuracies[k]) < tolerance.train_accuracy);
      BOOST_TEST(std::abs(epochs[k].test_accuracy - test_accuracies[k]) < tolerance.test_accuracy);
    }
  }
}

}  // namespace cnn::test
