// SPDX-License-Identifier: MIT
// Little address space: `ulimit -v` ends no run that has enough, and hangs none that has not.
#include <boost/test/unit_test.hpp>

#include "tests/support/program.hpp"

using namespace cnn;

BOOST_AUTO_TEST_SUITE(addresses)

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)  // they reserve terabytes of addresses
namespace {

/// A smoke run that may have so many KiB of addresses; `timeout` ends one that hangs with status 124.
auto run_with(int kib, const test::TemporaryFolder& folder, const std::string& more = "--threads 2") {
  return test::run_program({"/bin/bash", "-c",
                            "ulimit -v " + std::to_string(kib) +
                                "; exec timeout 60 '" CNN_LENET "' --preset smoke " + more + " --out '" +
                                (folder / "run").string() + "'"});
}

}  // namespace

BOOST_AUTO_TEST_CASE(too_few_end_with_the_cure) {
  const test::TemporaryFolder folder;
  const auto run = run_with(150000, folder);
  BOOST_TEST(run.code == 1);
  BOOST_TEST(run.errors.find("raise `ulimit -v`, or give fewer --threads") != std::string::npos, run.errors);
  BOOST_TEST(run.errors.find("--image-size") == std::string::npos, run.errors);
}

BOOST_AUTO_TEST_CASE(on_one_thread_the_cure_is_another) {
  const test::TemporaryFolder folder;
  const auto run = run_with(150000, folder, "--threads 1");
  BOOST_TEST(run.code == 1);
  BOOST_TEST(run.errors.find("addresses are short: raise `ulimit -v`") != std::string::npos, run.errors);
}

BOOST_AUTO_TEST_CASE(enough_for_its_threads_is_enough) {
  const test::TemporaryFolder folder;
  const auto run = run_with(500000, folder);
  BOOST_TEST(run.code == 0, run.errors);
}

BOOST_AUTO_TEST_CASE(openblas_is_not_loaded_by_a_run_that_does_not_use_it) {
  const test::TemporaryFolder folder;
  BOOST_TEST(run_with(500000, folder).code == 0);
  const std::string record = test::read_text(folder / "run" / "run.json");
  BOOST_TEST(record.find("\"blas\": \"not loaded\"") != std::string::npos, record);
}
#endif

BOOST_AUTO_TEST_SUITE_END()
