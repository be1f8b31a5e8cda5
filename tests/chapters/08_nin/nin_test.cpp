// SPDX-License-Identifier: MIT
#include "chapters/08_nin/nin.hpp"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "tests/support/backends.hpp"
#include "tests/support/check_module.hpp"
#include "tests/support/network.hpp"
#include "tests/support/program.hpp"

namespace {

using namespace cnn;

BOOST_AUTO_TEST_SUITE(nin)

BOOST_AUTO_TEST_CASE(has_the_shapes_of_the_book) {
  Rng rng(0);
  const nn::Sequential net = make_nin(1, 10, rng);
  const std::vector<std::string> expected{
      "[1, 96, 54, 54]", "[1, 96, 26, 26]", "[1, 256, 26, 26]", "[1, 256, 12, 12]", "[1, 384, 12, 12]",
      "[1, 384, 5, 5]",  "[1, 384, 5, 5]",  "[1, 10, 5, 5]",    "[1, 10, 1, 1]",    "[1, 10]"};
  BOOST_TEST(test::child_shapes(net, {1, 1, 224, 224}) == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(has_the_parameters_and_operations_of_the_book) {
  Rng rng(0);
  const nn::Summary summary = nn::summarize(make_nin(1, 10, rng), {1, 1, 224, 224});
  BOOST_TEST(summary.parameters == 1'992'166);
  BOOST_TEST(summary.macs == 762'297'352);
}

BOOST_AUTO_TEST_CASE(names_its_weights_as_the_book_s_class) {
  Rng rng(0);
  nn::Sequential net = make_nin(1, 10, rng);
  test::check_state_dict(net, "nin");
}

BOOST_AUTO_TEST_CASE(takes_images_of_other_sizes) {
  Rng rng(0);
  const nn::Sequential net = make_nin(1, 10, rng);
  BOOST_TEST(to_string(net.output_shape({3, 1, 96, 96})) == "[3, 10]");
  BOOST_TEST(to_string(net.output_shape({3, 1, 128, 160})) == "[3, 10]");
}

BOOST_DATA_TEST_CASE(a_block_keeps_the_contract_of_a_module, test::backends(), backend) {
  Rng rng(0);
  test::check_module(backend, nin_block(1, 2, {.kernel = 3, .stride = 2, .padding = 1}, rng), {2, 1, 5, 7});
}

/// Behind the last block: the score of a class is the mean of its channel.
BOOST_DATA_TEST_CASE(its_end_keeps_the_contract_of_a_module, test::backends(), backend) {
  Rng rng(0);
  test::check_module(
      backend,
      nn::Sequential{nin_block(2, 3, {.kernel = 3, .padding = 1}, rng), nn::GlobalAvgPool2d{}, nn::Flatten{}},
      {2, 2, 3, 3});
}

BOOST_AUTO_TEST_CASE(program_trains_on_smaller_images) {
  const test::TemporaryFolder folder;
  const auto run = test::run_program(
      {CNN_PROGRAM, "--preset", "smoke", "--image-size", "96", "--out", (folder / "run").string()});
  BOOST_TEST_REQUIRE(run.code == 0, run.errors);
  BOOST_TEST(run.output.find("epoch 1, loss 2.") != std::string::npos, run.output);
}

BOOST_AUTO_TEST_CASE(takes_the_channels_and_classes_of_the_data) {
  Rng rng(0);
  BOOST_TEST((make_nin(3, 5, rng).output_shape({2, 3, 224, 224}) == Shape{2, 5}));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
