// SPDX-License-Identifier: MIT

// Training on the rung cuda, where its kernels run on the CPU.

#include <boost/test/unit_test.hpp>
#include <cmath>

#include "tests/chapters/05_lenet/lenet_program.hpp"
#include "tests/support/same_run.hpp"

namespace {

using namespace cnn;
namespace fs = std::filesystem;

BOOST_AUTO_TEST_SUITE(cuda)

std::vector<std::string> training(const std::string& backend, const fs::path& out) {
  return test::lenet({"--data", test::images, "--backend", backend, "--batch-size", "4", "--max-steps", "3",
                      "--limit-test", "8", "--out", out.string()});
}

BOOST_AUTO_TEST_CASE(losses_are_those_of_the_loops) {
  const test::TemporaryFolder folder;
  const auto loops = test::run_program(training("reference", folder / "loops"));
  BOOST_TEST_REQUIRE(loops.code == 0, loops.errors);
  const auto device = test::run_program(training("cuda", folder / "device"));
  BOOST_TEST_REQUIRE(device.code == 0, device.errors);
  BOOST_TEST(device.output.find("training on cuda") != std::string::npos, device.output);

  const auto wanted = test::steps_of(folder / "loops");
  const auto steps = test::steps_of(folder / "device");
  BOOST_TEST_REQUIRE(steps.size() == 3U);
  BOOST_TEST_REQUIRE(wanted.size() == 3U);
  for (std::size_t i = 0; i < steps.size(); ++i) {
    BOOST_TEST(std::abs(steps[i].loss - wanted[i].loss) < 1e-4,
               "step " << i + 1 << ": " << steps[i].loss << ", on the loops " << wanted[i].loss);
  }
}

BOOST_AUTO_TEST_CASE(two_runs_have_the_same_bits) {
  const test::TemporaryFolder folder;
  for (const char* name : {"first", "second"}) {
    const auto run = test::run_program(training("cuda", folder / name));
    BOOST_TEST_REQUIRE(run.code == 0, run.errors);
  }
  test::check_same_run(folder / "first", folder / "second", 1);
}

BOOST_AUTO_TEST_CASE(after_sigkill_ends_with_the_same_bits) {
  const test::TemporaryFolder folder;
  BOOST_TEST_REQUIRE(test::run_program(training("cuda", folder / "whole")).code == 0);

  test::Program killed(training("cuda", folder / "killed"));
  const fs::path metrics = folder / "killed/metrics.jsonl";
  const bool running =
      killed.wait_until([&] { return fs::exists(metrics) && test::count_lines(metrics) >= 1; });
  BOOST_TEST_REQUIRE(running, "the program ended before it could be killed");
  killed.send(SIGKILL);
  BOOST_TEST(killed.wait() == 128 + SIGKILL);

  const auto resumed = test::run_program(test::lenet({"--resume", (folder / "killed").string()}));
  BOOST_TEST_REQUIRE(resumed.code == 0, resumed.errors);
  test::check_same_run(folder / "whole", folder / "killed", 1);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
