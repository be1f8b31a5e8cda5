// SPDX-License-Identifier: MIT

// Training on the rung cuda, where its kernels run on the CPU.

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <cstdlib>

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

BOOST_AUTO_TEST_CASE(after_sigint_ends_with_the_same_bits) {
  const test::TemporaryFolder folder;
  const auto long_training = [](const fs::path& out) {
    return test::lenet({"--data", test::images, "--backend", "cuda", "--batch-size", "2", "--epochs", "2",
                        "--limit-train", "20", "--limit-test", "4", "--out", out.string()});
  };
  BOOST_TEST_REQUIRE(test::run_program(long_training(folder / "whole")).code == 0);

  test::Program stopped(long_training(folder / "stopped"));
  const fs::path metrics = folder / "stopped/metrics.jsonl";
  const bool running =
      stopped.wait_until([&] { return fs::exists(metrics) && test::count_lines(metrics) >= 2; });
  BOOST_TEST_REQUIRE(running, "the program ended before it could be stopped");
  stopped.send(SIGINT);
  BOOST_TEST(stopped.wait() == 128 + SIGINT);
  BOOST_TEST(stopped.output().find("interrupted in epoch ") != std::string::npos, stopped.output());

  const auto resumed = test::run_program(test::lenet({"--resume", (folder / "stopped").string()}));
  BOOST_TEST_REQUIRE(resumed.code == 0, resumed.errors);
  test::check_same_run(folder / "whole", folder / "stopped", 2);
}

std::vector<std::string> one_step(const std::string& batch, const fs::path& out) {
  return test::lenet({"--data", test::images, "--backend", "cuda", "--batch-size", batch, "--max-steps", "1",
                      "--limit-test", "8", "--out", out.string()});
}

BOOST_AUTO_TEST_CASE(memory_that_is_too_small_names_the_batch_that_fits) {
  const test::TemporaryFolder folder;
  const VariableScope memory("EMULATED_CUDA_MEMORY", "1800000");
  const auto refused = test::run_program(one_step("64", folder / "refused"));
  BOOST_TEST_CONTEXT(refused.errors) {
    BOOST_TEST(refused.code == 1);
    BOOST_TEST(refused.errors.starts_with("error: [memory] training at batch 64 needs about "));
    BOOST_TEST(refused.errors.find(" are available on cuda:0; the largest batch that fits is ") !=
               std::string::npos);
    BOOST_TEST(std::count(refused.errors.begin(), refused.errors.end(), '\n') == 1);
    const auto option = refused.errors.rfind("--batch-size ");
    BOOST_TEST_REQUIRE(option != std::string::npos);
    const int batch = std::stoi(refused.errors.substr(option + 13));
    BOOST_TEST(batch > 1);
    const auto fits = test::run_program(one_step(std::to_string(batch), folder / "fits"));
    BOOST_TEST(fits.code == 0, fits.errors);
    BOOST_TEST(fits.output.find(", on cuda:0: 1.") != std::string::npos, fits.output);
    BOOST_TEST(fits.output.find("peak memory on cuda:0: 1.") != std::string::npos, fits.output);
    BOOST_TEST(test::run_program(one_step(std::to_string(batch + 1), folder / "next")).code == 1);
  }
}

BOOST_AUTO_TEST_CASE(memory_that_has_no_room_for_the_weights_is_said) {
  const test::TemporaryFolder folder;
  const VariableScope memory("EMULATED_CUDA_MEMORY", "100000");
  const auto run = test::run_program(one_step("2", folder / "run"));
  BOOST_TEST(run.code == 1);
  BOOST_TEST(run.errors.starts_with("error: [memory] cuda:0 has no room for "), run.errors);
}

BOOST_DATA_TEST_CASE(a_device_that_fails_leaves_the_last_checkpoint_whole,
                     boost::unit_test::data::make({"cudaLaunchKernelEx", "cudaMemcpyAsync"}), call) {
  const auto two_epochs = [](const fs::path& out) {
    return test::lenet({"--data", test::images, "--backend", "cuda", "--batch-size", "4", "--epochs", "2",
                        "--limit-train", "12", "--limit-test", "4", "--overwrite", "--out", out.string()});
  };
  const test::TemporaryFolder folder;
  BOOST_TEST_REQUIRE(test::run_program(two_epochs(folder / "whole")).code == 0);
  for (int nth = 40;; nth += 40) {  // later and later, until it fails in the second epoch
    const VariableScope trap("EMULATED_CUDA_FAIL", call + (":" + std::to_string(nth)) + ":46");
    const auto run = test::run_program(two_epochs(folder / "lost"));
    BOOST_TEST_REQUIRE(run.code == 1);
    BOOST_TEST(run.errors.find("error: [cuda] the failure that a test ordered") != std::string::npos,
               run.errors);
    BOOST_TEST(run.output.find("epoch 2, loss") == std::string::npos, run.output);
    if (run.output.find("epoch 1, loss") != std::string::npos) break;
  }
  const auto resumed = test::run_program(test::lenet({"--resume", (folder / "lost").string()}));
  BOOST_TEST_REQUIRE(resumed.code == 0, resumed.errors);
  test::check_same_run(folder / "whole", folder / "lost", 2);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
