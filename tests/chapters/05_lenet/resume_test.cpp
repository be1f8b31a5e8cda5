// SPDX-License-Identifier: MIT

// A run that is stopped, by SIGKILL at any moment or by SIGINT, goes on and ends with the bits of an undisturbed one.

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <chrono>
#include <thread>

#include "tests/support/fixtures.hpp"
#include "tests/support/program.hpp"
#include "tests/support/same_run.hpp"

namespace {

using namespace cnn;
namespace fs = std::filesystem;

BOOST_AUTO_TEST_SUITE(resume)

std::vector<std::string> training(const fs::path& out, const std::string& threads = "2") {
  return {CNN_LENET,
          "--data",
          test::fixture_images().string(),
          "--seed",
          "3",
          "--epochs",
          "6",
          "--batch-size",
          "16",
          "--threads",
          threads,
          "--out",
          out.string()};
}

void check_same_run(const fs::path& a, const fs::path& b) { test::check_same_run(a, b, 6); }

BOOST_DATA_TEST_CASE(after_sigkill_ends_with_the_same_bits, boost::unit_test::data::make({0, 1, 7, 30, 61}),
                     records) {
  const test::TemporaryFolder folder;
  BOOST_TEST_REQUIRE(test::run_program(training(folder / "whole")).code == 0);

  test::Program killed(training(folder / "killed"));
  const fs::path metrics = folder / "killed/metrics.jsonl";
  const bool running = killed.wait_until([&] {
    return fs::exists(folder / "killed/run.json") &&
           (records == 0 || test::count_lines(metrics) >= static_cast<std::size_t>(records));
  });
  BOOST_TEST_REQUIRE(running, "the program ended before it could be killed");
  killed.send(SIGKILL);
  BOOST_TEST(killed.wait() == 128 + SIGKILL);

  const auto resumed = test::run_program({CNN_LENET, "--resume", (folder / "killed").string()});
  BOOST_TEST_REQUIRE(resumed.code == 0, resumed.errors);
  check_same_run(folder / "whole", folder / "killed");
}

BOOST_AUTO_TEST_CASE(after_many_kills_ends_with_the_same_bits) {
  const test::TemporaryFolder folder;
  BOOST_TEST_REQUIRE(test::run_program(training(folder / "whole")).code == 0);
  std::vector<std::string> command = training(folder / "killed");
  int code = -1;
  for (int attempt = 1; attempt <= 40 && code != 0; ++attempt) {
    test::Program program(command);
    std::this_thread::sleep_for(std::chrono::milliseconds(30 * attempt));
    program.send(SIGKILL);
    code = program.wait();
    if (fs::exists(folder / "killed/run.json"))
      command = {CNN_LENET, "--resume", (folder / "killed").string()};
  }
  const auto last = test::run_program(command);
  BOOST_TEST_REQUIRE(last.code == 0, last.errors);
  check_same_run(folder / "whole", folder / "killed");
}

BOOST_DATA_TEST_CASE(after_sigint_goes_on_where_it_stopped, boost::unit_test::data::make({5, 33}), records) {
  const test::TemporaryFolder folder;
  BOOST_TEST_REQUIRE(test::run_program(training(folder / "whole")).code == 0);

  test::Program stopped(training(folder / "stopped"));
  const fs::path metrics = folder / "stopped/metrics.jsonl";
  BOOST_TEST_REQUIRE(stopped.wait_until([&] {
    return fs::exists(metrics) && test::count_lines(metrics) >= static_cast<std::size_t>(records);
  }));
  stopped.send(SIGINT);
  BOOST_TEST(stopped.wait() == 128 + SIGINT);
  BOOST_TEST(stopped.output().find("interrupted in epoch") != std::string::npos);
  BOOST_TEST(stopped.output().find("--resume " + (folder / "stopped").string()) != std::string::npos);
  const std::size_t kept = test::count_lines(metrics);
  const auto page_says_interrupted = [&] {
    const std::string page = test::read_text(folder / "stopped/report.html");
    BOOST_TEST(page.find("<h2>Layers</h2>") != std::string::npos);
    return page.find("The run was interrupted.") != std::string::npos;
  };
  BOOST_TEST(page_says_interrupted());

  const auto resumed =
      test::run_program({CNN_LENET, "--resume", (folder / "stopped").string(), "--threads", "1"});
  BOOST_TEST_REQUIRE(resumed.code == 0, resumed.errors);
  BOOST_TEST(!page_says_interrupted());
  BOOST_TEST(kept >= static_cast<std::size_t>(records));
  BOOST_TEST(resumed.output.find("MACs") == std::string::npos, resumed.output);  // no second table of layers
  check_same_run(folder / "whole", folder / "stopped");
}

BOOST_AUTO_TEST_CASE(of_a_finished_run_writes_its_files_anew) {
  const test::TemporaryFolder folder;
  BOOST_TEST_REQUIRE(test::run_program(training(folder / "run")).code == 0);
  const std::string weights = test::read_text(folder / "run/model.safetensors");
  fs::remove(folder / "run/model.safetensors");
  const auto resumed = test::run_program({CNN_LENET, "--resume", (folder / "run").string()});
  BOOST_TEST(resumed.code == 0, resumed.errors);
  BOOST_TEST(resumed.output.find("MACs") == std::string::npos, resumed.output);
  BOOST_TEST((test::read_text(folder / "run/model.safetensors") == weights));
}

BOOST_DATA_TEST_CASE(threads_do_not_change_a_bit, boost::unit_test::data::make({"1", "4"}), threads) {
  const test::TemporaryFolder folder;
  BOOST_TEST_REQUIRE(test::run_program(training(folder / "two", "2")).code == 0);
  BOOST_TEST_REQUIRE(test::run_program(training(folder / "other", threads)).code == 0);
  check_same_run(folder / "two", folder / "other");
}

BOOST_AUTO_TEST_CASE(refuses_what_is_no_run_of_this_program) {
  const test::TemporaryFolder folder;
  const auto refused = [&](const std::string& why) {
    const auto run = test::run_program({CNN_LENET, "--resume", (folder / "run").string()});
    BOOST_TEST(run.code != 0);
    BOOST_TEST(run.errors.find(why) != std::string::npos, run.errors);
    BOOST_TEST(std::count(run.errors.begin(), run.errors.end(), '\n') <= 2, run.errors);
  };
  refused("there is no run.json");
  BOOST_TEST_REQUIRE(test::run_program(training(folder / "run")).code == 0);
  const std::string good = test::read_text(folder / "run/run.json");
  const auto rewrite = [&](const std::string& text) { std::ofstream(folder / "run/run.json") << text; };
  const auto replaced = [&](const std::string& from, const std::string& to) {
    std::string text = good;
    text.replace(text.find(from), from.size(), to);
    return text;
  };
  rewrite(good.substr(0, good.size() / 2));
  refused("run.json");
  rewrite(replaced("\"name\": \"lenet\"", "\"name\": \"alexnet\""));
  refused("alexnet");
  rewrite(replaced("\"format\": 1", "\"format\": 99"));
  refused("format 99");
  rewrite(good);
  for (const char* generation : {"0", "1"}) {
    std::ofstream(folder / ("run/checkpoint/" + std::string(generation) + ".safetensors"))
        << "not a checkpoint";
  }
  refused("safetensors");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
