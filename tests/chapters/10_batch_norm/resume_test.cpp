// SPDX-License-Identifier: MIT

// A run that is killed goes on with the running statistics it had, and ends with the bits of an undisturbed one.

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "tests/support/fixtures.hpp"
#include "tests/support/program.hpp"
#include "tests/support/same_run.hpp"

namespace {

using namespace cnn;
namespace fs = std::filesystem;

BOOST_AUTO_TEST_SUITE(resume)

constexpr std::size_t epochs = 3;

std::vector<std::string> training(const std::string& layer, const fs::path& out,
                                  const std::string& threads = "2") {
  return {CNN_PROGRAM,
          "--layer",
          layer,
          "--data",
          test::fixture_images().string(),
          "--seed",
          "3",
          "--epochs",
          std::to_string(epochs),
          "--batch-size",
          "16",
          "--threads",
          threads,
          "--out",
          out.string()};
}

const auto layers = boost::unit_test::data::make({"scratch", "library"});

BOOST_DATA_TEST_CASE(after_sigkill_ends_with_the_same_bits, layers, layer) {
  const test::TemporaryFolder folder;
  BOOST_TEST_REQUIRE(test::run_program(training(layer, folder / "whole")).code == 0);

  test::Program killed(training(layer, folder / "killed"));
  const fs::path metrics = folder / "killed/metrics.jsonl";
  const bool running =
      killed.wait_until([&] { return fs::exists(metrics) && test::count_lines(metrics) >= 20; });
  BOOST_TEST_REQUIRE(running, "the program ended before it could be killed");
  killed.send(SIGKILL);
  BOOST_TEST(killed.wait() == 128 + SIGKILL);

  const auto resumed = test::run_program({CNN_PROGRAM, "--resume", (folder / "killed").string()});
  BOOST_TEST_REQUIRE(resumed.code == 0, resumed.errors);
  BOOST_TEST(resumed.output.find("gamma") != std::string::npos, resumed.output);
  BOOST_TEST(resumed.output.find("MACs") == std::string::npos, resumed.output);  // no second table of layers
  test::check_same_run(folder / "whole", folder / "killed", epochs);
}

BOOST_DATA_TEST_CASE(after_sigint_goes_on_where_it_stopped, layers, layer) {
  const test::TemporaryFolder folder;
  BOOST_TEST_REQUIRE(test::run_program(training(layer, folder / "whole")).code == 0);

  test::Program stopped(training(layer, folder / "stopped"));
  const fs::path metrics = folder / "stopped/metrics.jsonl";
  BOOST_TEST_REQUIRE(
      stopped.wait_until([&] { return fs::exists(metrics) && test::count_lines(metrics) >= 10; }));
  stopped.send(SIGINT);
  BOOST_TEST(stopped.wait() == 128 + SIGINT);
  BOOST_TEST(stopped.output().find("gamma") == std::string::npos, stopped.output());

  const auto resumed =
      test::run_program({CNN_PROGRAM, "--resume", (folder / "stopped").string(), "--threads", "1"});
  BOOST_TEST_REQUIRE(resumed.code == 0, resumed.errors);
  test::check_same_run(folder / "whole", folder / "stopped", epochs);
}

BOOST_DATA_TEST_CASE(threads_do_not_change_a_bit, layers* boost::unit_test::data::make({"1", "4"}), layer,
                     threads) {
  const test::TemporaryFolder folder;
  BOOST_TEST_REQUIRE(test::run_program(training(layer, folder / "two")).code == 0);
  BOOST_TEST_REQUIRE(test::run_program(training(layer, folder / "other", threads)).code == 0);
  test::check_same_run(folder / "two", folder / "other", epochs);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
