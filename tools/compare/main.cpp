// SPDX-License-Identifier: MIT

// ./cnn compare: a table of finished runs.

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <string>
#include <vector>

#include "common/core/check.hpp"
#include "common/train/comparison.hpp"

namespace {

using namespace cnn;

/// The runs that all paths mean; those that hold none are named, and an error if no run is left.
std::vector<RunResult> read_runs(const std::vector<std::string>& paths) {
  std::vector<RunResult> runs;
  for (const std::string& path : paths) {
    const auto folders = find_runs(path);
    for (const auto& folder : folders) runs.push_back(read_run_result(folder));
    if (!folders.empty()) continue;
    const std::string what =
        "[compare] " + path + " holds no training run: no run.json is in it or in its folders";
    CNN_CHECK(paths.size() > 1, DataError, what);
    fmt::print(stderr, "warning: {}; left out\n", what);
  }
  CNN_CHECK(!runs.empty(), DataError, "[compare] none of these folders holds a training run");
  return runs;
}

}  // namespace

int main(int argc, char** argv) {
  std::vector<std::string> paths;
  bool markdown = false;
  CLI::App app("A table of finished runs: parameters, MACs, accuracy, time", "compare");
  app.add_option("RUN", paths, "folder of a run, or a folder of such: runs/05_lenet/1, runs/05_lenet, runs")
      ->required();
  app.add_flag("--markdown", markdown, "draw the table as Markdown does, for a page");
  app.set_help_flag("--help,-h", "this list");
  try {
    app.parse(argc, argv);
    fmt::print("{}", comparison_table(read_runs(paths), markdown));
    return std::fflush(stdout) == 0 ? 0 : 1;
  } catch (const CLI::Success& e) {
    return app.exit(e);
  } catch (const CLI::ParseError& e) {
    fmt::print(stderr, "error: {}\nsee compare --help\n", e.what());
    return 2;
  } catch (const std::exception& e) {
    fmt::print(stderr, "error: {}\n", e.what());
    return 1;
  }
}
