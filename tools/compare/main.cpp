// SPDX-License-Identifier: MIT

// ./cnn compare: a table of finished runs.

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <string>
#include <vector>

#include "common/core/check.hpp"
#include "common/io/plot.hpp"
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

/// Draws the runs, each under its network, or its folder where two runs are of one network.
void draw(const std::vector<RunResult>& runs, const std::string& path) {
  std::vector<io::NamedCurve> curves;
  for (const RunResult& run : runs) {
    const auto same = [&](const RunResult& other) { return other.network == run.network; };
    const bool alone = std::count_if(runs.begin(), runs.end(), same) == 1;
    curves.push_back({alone ? run.network : run.network + ", " + run.run, run.epochs});
  }
  CNN_CHECK(io::write_curves_of_runs(path, curves), DataError,
            "[compare] no picture " + path + ": no run has finished an epoch, or gnuplot is missing " +
                "(apt-get install gnuplot-nox)");
  fmt::print("wrote {}\n", path);
}

}  // namespace

int main(int argc, char** argv) {
  std::vector<std::string> paths;
  bool markdown = false;
  std::string plot;
  CLI::App app("A table of finished runs: parameters, MACs, accuracy, time, memory", "compare");
  app.add_option("RUN", paths, "folder of a run, or a folder of such: runs/05_lenet/1, runs/05_lenet, runs")
      ->required();
  app.add_flag("--markdown", markdown, "draw the table as Markdown does, for a page");
  app.add_option("--plot", plot, "draw loss and test accuracy of all runs into this PNG")->type_name("FILE");
  app.set_help_flag("--help,-h", "this list");
  try {
    app.parse(argc, argv);
    const std::vector<RunResult> runs = read_runs(paths);
    fmt::print("{}", comparison_table(runs, markdown));
    if (!plot.empty()) draw(runs, plot);
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
