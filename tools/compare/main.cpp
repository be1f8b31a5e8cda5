// SPDX-License-Identifier: MIT

// ./cnn compare: a table of finished runs, and pictures and pages of them.

#include <CLI/CLI.hpp>
#include <filesystem>
#include <string>
#include <vector>

#include "common/core/check.hpp"
#include "common/io/console.hpp"
#include "common/io/file.hpp"
#include "common/io/plot.hpp"
#include "common/train/comparison.hpp"

namespace {

using namespace cnn;

/// The runs that all paths mean. What holds no run, or a damaged one, is said and left out; it is an error if no run is left.
std::vector<RunResult> read_runs(const std::vector<std::string>& paths) {
  std::vector<RunResult> runs;
  std::vector<std::string> problems;
  for (const std::string& path : paths) {
    const auto folders = find_runs(path);
    if (folders.empty())
      problems.push_back("[compare] " + path +
                         " holds no training run: no run.json is in it or in its folders");
    for (const auto& folder : folders) {
      try {
        runs.push_back(read_run_result(folder));
      } catch (const Error& e) {
        problems.emplace_back(e.what());
      }
    }
  }
  if (runs.empty() && problems.size() == 1) throw DataError(problems.front());
  for (const std::string& problem : problems) io::print_error("warning: " + problem + "; left out\n");
  CNN_CHECK(!runs.empty(), DataError,
            "[compare] none of these folders holds a training run that can be read");
  return runs;
}

void draw(const std::vector<RunResult>& runs, const std::string& path) {
  const io::Drawing drawing = io::write_curves_of_runs(path, named_curves(runs));
  CNN_CHECK(drawing, DataError, "[compare] no picture " + path + ": " + drawing.why_not);
  io::print("wrote " + path + "\n");
}

}  // namespace

int main(int argc, char** argv) {
  io::open_standard_streams();
  std::vector<std::string> paths;
  bool markdown = false;
  std::string plot, page;
  CLI::App app("A table of finished runs: parameters, MACs, accuracy, time, memory", "compare");
  app.add_option("RUN", paths, "folder of a run, or a folder of such: runs/05_lenet/1, runs/05_lenet, runs")
      ->required();
  app.add_flag("--markdown", markdown, "draw the table as Markdown does, for a page");
  app.add_option("--plot", plot, "draw loss and test accuracy of all runs into this PNG or SVG")
      ->type_name("FILE");
  app.add_option("--html", page,
                 "write a page with the curves of all runs, their figures and how their options differ")
      ->type_name("FILE");
  app.set_help_flag("--help,-h", "this list");
  try {
    app.parse(argc, argv);
    if (app.count("--plot") > 0) io::check_plot_name(plot);
    CNN_CHECK(app.count("--html") == 0 || !page.empty(), UsageError,
              "--html: the name is empty; give one, or leave out --html");
    const std::vector<RunResult> runs = read_runs(paths);
    io::print(comparison_table(runs, markdown));
    if (!plot.empty()) draw(runs, plot);
    if (!page.empty()) {
      io::write_file_atomically(page, comparison_page(runs));
      io::print("wrote " + page + "\n");
    }
    CNN_CHECK(io::finish_output(), DataError,
              "[output] standard output cannot be written: its disk may be full");
    return 0;
  } catch (const CLI::Success& e) {
    return app.exit(e);
  } catch (const CLI::ParseError& e) {
    io::print_error(std::string("error: ") + e.what() + "\nsee compare --help\n");
    return 2;
  } catch (const UsageError& e) {
    io::print_error(std::string("error: ") + e.what() + "\nsee compare --help\n");
    return 2;
  } catch (const std::exception& e) {
    io::print_error(std::string("error: ") + e.what() + "\n");
    return 1;
  }
}
