// SPDX-License-Identifier: MIT

// A last batch of one image, with which batch normalization cannot learn, is said before training.

#include <boost/test/unit_test.hpp>

#include "tests/support/fixtures.hpp"
#include "tests/support/program.hpp"

BOOST_AUTO_TEST_SUITE(last_batch)

namespace {

using namespace cnn;

/// Trains on 33 images.
test::Finished train(const test::TemporaryFolder& folder, std::vector<std::string> more) {
  more.insert(more.begin(), {CNN_PROGRAM, "--data", test::fixture_images().string(), "--limit-train", "33",
                             "--epochs", "1", "--out", (folder / "run").string(), "--overwrite"});
  return test::run_program(more);
}

}  // namespace

BOOST_AUTO_TEST_CASE(of_one_image_is_refused) {
  const test::TemporaryFolder folder;
  for (const char* size : {"32", "8", "1"}) {
    const auto run = train(folder, {"--layer", "library", "--batch-size", size});
    BOOST_TEST(run.code == 2, run.errors);
    BOOST_TEST(run.errors.find("(33 images, --batch-size " + std::string(size) + ")") != std::string::npos,
               run.errors);
    BOOST_TEST(!std::filesystem::exists(folder / "run"));
  }
}

BOOST_AUTO_TEST_CASE(is_no_matter_where_it_is_not_met) {
  const test::TemporaryFolder folder;
  BOOST_TEST(train(folder, {"--layer", "library", "--batch-size", "31"}).code == 0);
  BOOST_TEST(train(folder, {"--layer", "library", "--batch-size", "8", "--max-steps", "4"}).code == 0);
  BOOST_TEST(train(folder, {"--layer", "none", "--batch-size", "32"}).code == 0);
}

BOOST_AUTO_TEST_SUITE_END()
