// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "common/core/table.hpp"
#include "common/io/metrics.hpp"
#include "common/io/plot.hpp"
#include "common/io/run_info.hpp"

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
  io::RunInfo info{};                   ///< all that its run.json says
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

/// \param runs  the runs
/// \return      a name for each: its network, and its folder where two runs are of one network; with its epochs
std::vector<io::NamedCurve> named_curves(const std::vector<RunResult>& runs);

/// Makes a table of runs, a line each: run, section, network, preset, parameters, MACs of one image, epochs, loss and
/// accuracies of the last epoch, seconds of all epochs together, most memory of the process.
/// \param runs  the runs
/// \return      the table
Table to_table(const std::vector<RunResult>& runs);

/// Writes that table.
/// \param runs      the runs
/// \param markdown  whether to draw it as Markdown does, for a page
/// \return          text, each line ended
std::string comparison_table(const std::vector<RunResult>& runs, bool markdown = false);

/// Makes a page of runs: their curves over each other, that table, what differs between their options, and every epoch.
/// \param runs  the runs
/// \return      HTML, one file that asks for no other
std::string comparison_page(const std::vector<RunResult>& runs);

}  // namespace cnn
