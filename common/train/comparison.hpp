// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "common/io/metrics.hpp"

namespace cnn {

/// What a run came to, as its folder tells.
struct RunResult {
  std::string run;      ///< the folder
  std::string section;  ///< "5.7"
  std::string network;  ///< the program, and its own options: "vgg (ratio 8)"
  std::string preset;   ///< "smoke", "quick" or "book"
  std::optional<Index>
      parameters;  ///< numbers to learn; none if the run was written by a version that did not note them
  std::optional<Index> macs;            ///< multiplications with addition for one image; none likewise
  Index planned_epochs = 0;             ///< how many epochs the run was asked for
  std::vector<io::EpochRecord> epochs;  ///< those it finished
};

/// Finds the runs that a path means: itself, or the runs in its folders (`runs/05_lenet`, `runs`), numbers in order.
/// \param path  a run folder, or a folder of such
/// \return      run folders; empty if there is none
/// \throws DataError  the path does not exist, or is no folder
std::vector<std::filesystem::path> find_runs(const std::filesystem::path& path);

/// Reads a run from its run.json and metrics.jsonl.
/// \param folder  a run folder
/// \return        what it came to
/// \throws DataError  a file is missing or damaged
RunResult read_run_result(const std::filesystem::path& folder);

/// Writes runs as a table, a line each: run, section, network, preset, parameters, MACs of one image, epochs, loss and
/// accuracies of the last epoch, seconds of all epochs together, most memory of the process.
/// \param runs      the runs
/// \param markdown  whether to draw it as Markdown does, for a page
/// \return          text, each line ended
std::string comparison_table(const std::vector<RunResult>& runs, bool markdown = false);

}  // namespace cnn
