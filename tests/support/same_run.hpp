// SPDX-License-Identifier: MIT
#pragma once

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "common/io/metrics.hpp"
#include "tests/support/program.hpp"

namespace cnn::test {

/// \param run  a run folder
/// \return     its steps without their times
inline std::vector<io::StepRecord> steps_of(const std::filesystem::path& run) {
  std::vector<io::StepRecord> steps = io::read_steps(run / "metrics.jsonl");
  for (io::StepRecord& step : steps) step.seconds = 0;
  return steps;
}

/// \param run  a run folder
/// \return     its epochs without their times
inline std::vector<io::EpochRecord> epochs_of(const std::filesystem::path& run) {
  std::vector<io::EpochRecord> epochs = io::read_metrics(run / "metrics.jsonl");
  for (io::EpochRecord& epoch : epochs) epoch.seconds = 0, epoch.peak_bytes = 0;
  return epochs;
}

/// Fails unless two runs ended with the same bits, after the same steps.
/// \param a       a run folder
/// \param b       another one
/// \param epochs  how many epochs both have
inline void check_same_run(const std::filesystem::path& a, const std::filesystem::path& b,
                           std::size_t epochs) {
  BOOST_TEST((read_text(a / "model.safetensors") == read_text(b / "model.safetensors")));
  BOOST_TEST((steps_of(a) == steps_of(b)));
  BOOST_TEST((epochs_of(a) == epochs_of(b)));
  BOOST_TEST(epochs_of(a).size() == epochs);
}

/// \param file  a text file
/// \return      number of its lines
inline std::size_t count_lines(const std::filesystem::path& file) {
  const std::string text = read_text(file);
  return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
}

}  // namespace cnn::test
