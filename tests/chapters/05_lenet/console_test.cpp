// SPDX-License-Identifier: MIT

// What a run does when its console cannot be written, and with weights that are no numbers.

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <sstream>

#include "common/io/safetensors.hpp"
#include "tests/support/program.hpp"

BOOST_AUTO_TEST_SUITE(console)

namespace {

using namespace cnn;
namespace fs = std::filesystem;

/// Runs a shell's command in which LENET stands for the program.
test::Finished shell(std::string command) {
  for (std::size_t at; (at = command.find("LENET")) != std::string::npos;) command.replace(at, 5, CNN_LENET);
  return test::run_program({"/bin/sh", "-c", command});
}

/// Fails unless the folder holds a whole run: records in its log, and nothing else, and its last files.
void check_whole(const fs::path& run) {
  std::istringstream log(test::read_text(run / "metrics.jsonl"));
  int lines = 0;
  for (std::string line; std::getline(log, line); ++lines) BOOST_TEST(line.starts_with("{\"type\":"), line);
  BOOST_TEST(lines >= 2);
  for (const char* name : {"metrics.csv", "model.safetensors", "confusion.csv", "wrong.txt"})
    BOOST_TEST(fs::exists(run / name), name);
}

}  // namespace

/// Without gnuplot on its path, the program has a warning to print.
BOOST_DATA_TEST_CASE(a_lost_console_changes_nothing,
                     boost::unit_test::data::make({"2>/dev/full", "2>&-", "<&- >&-", "<&- >&- 2>&-", ">&-"}),
                     streams) {
  const test::TemporaryFolder folder;
  const fs::path run = folder / "r";
  BOOST_TEST(shell("PATH=/none; LENET --preset smoke --out '" + run.string() + "' " + streams).code == 0);
  check_whole(run);
}

BOOST_AUTO_TEST_CASE(a_full_standard_output_is_the_exit_code_of_a_whole_run) {
  const test::TemporaryFolder folder;
  const fs::path run = folder / "r";
  const test::Finished finished = shell("LENET --preset smoke --out '" + run.string() + "' >/dev/full");
  BOOST_TEST(finished.code == 1);
  BOOST_TEST(finished.errors.find("error: [output] standard output cannot be written") != std::string::npos,
             finished.errors);
  check_whole(run);
}

BOOST_AUTO_TEST_CASE(a_reader_that_goes_away_ends_no_run) {
  const test::TemporaryFolder folder;
  const fs::path run = folder / "r";
  shell("{ LENET --preset smoke --out '" + run.string() + "'; echo $? >'" + (folder / "code").string() +
        "'; } | true");
  BOOST_TEST(test::read_text(folder / "code") == "0\n");
  check_whole(run);
}

BOOST_AUTO_TEST_CASE(an_error_that_cannot_be_printed_keeps_its_exit_code) {
  BOOST_TEST(shell("LENET --nonsense 2>/dev/full").code == 2);
  BOOST_TEST(shell("LENET --epochs 0 --load /none 2>/dev/full").code == 1);
  BOOST_TEST(shell("LENET --nonsense >&- 2>&-").code == 2);
  BOOST_TEST(shell("LENET --help >/dev/full").code == 1);
}

BOOST_AUTO_TEST_CASE(weights_that_are_no_numbers_are_blamed) {
  const test::TemporaryFolder folder;
  const std::string weights = (folder / "w.safetensors").string();
  BOOST_REQUIRE(shell("LENET --epochs 0 --save '" + weights + "'").code == 0);
  io::Safetensors file = io::load_safetensors(weights);
  file.tensors.back().second.data()[0] = std::nanf("");
  io::save_safetensors(weights, file.tensors, file.metadata);
  const test::Finished run =
      shell("LENET --preset smoke --load '" + weights + "' --out '" + (folder / "r").string() + "'");
  BOOST_TEST(run.code == 1);
  BOOST_TEST_CONTEXT(run.errors) {
    BOOST_TEST(run.errors.starts_with("warning: " + weights + " holds NaN or infinity in '"));
    BOOST_TEST(run.errors.find("the weights the run started with hold NaN or infinity in '") !=
               std::string::npos);
    BOOST_TEST(run.errors.find("--lr") == std::string::npos);
  }
}

BOOST_AUTO_TEST_SUITE_END()
