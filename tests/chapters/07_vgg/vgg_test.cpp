// SPDX-License-Identifier: MIT
#include "chapters/07_vgg/vgg.hpp"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "tests/support/backends.hpp"
#include "tests/support/check_module.hpp"
#include "tests/support/network.hpp"
#include "tests/support/program.hpp"

namespace {

using namespace cnn;

BOOST_AUTO_TEST_SUITE(vgg)

BOOST_AUTO_TEST_CASE(has_the_shapes_of_the_book) {
  Rng rng(0);
  const nn::Sequential net = make_vgg11(1, 10, 8, 224, rng);
  const std::vector<std::string> expected{"[1, 8, 112, 112]", "[1, 16, 56, 56]", "[1, 32, 28, 28]",
                                          "[1, 64, 14, 14]",  "[1, 64, 7, 7]",   "[1, 10]"};
  BOOST_TEST(test::child_shapes(net, {1, 1, 224, 224}) == expected, boost::test_tools::per_element());
  BOOST_TEST(test::shapes_of("Flatten", net, {1, 1, 224, 224}).at(0) == "[1, 3136]");
}

BOOST_AUTO_TEST_CASE(has_the_shapes_and_cost_of_the_book_in_full_width) {
  Rng rng(0);
  const nn::Sequential net = make_vgg11(1, 10, 1, 224, rng);
  const std::vector<std::string> expected{"[1, 64, 112, 112]", "[1, 128, 56, 56]", "[1, 256, 28, 28]",
                                          "[1, 512, 14, 14]",  "[1, 512, 7, 7]",   "[1, 10]"};
  BOOST_TEST(test::child_shapes(net, {1, 1, 224, 224}) == expected, boost::test_tools::per_element());
  const nn::Summary summary = nn::summarize(net, {1, 1, 224, 224});
  BOOST_TEST(summary.parameters == 128'806'154);
  BOOST_TEST(summary.macs == 7'547'232'256);
}

BOOST_AUTO_TEST_CASE(has_the_parameters_and_operations_of_the_book) {
  Rng rng(0);
  const nn::Summary summary = nn::summarize(make_vgg11(1, 10, 8, 224, rng), {1, 1, 224, 224});
  BOOST_TEST(summary.parameters == 2'018'346);
  BOOST_TEST(summary.macs == 121'091'072);
}

BOOST_AUTO_TEST_CASE(names_its_weights_as_the_book_s_class) {
  Rng rng(0);
  nn::Sequential net = make_vgg11(1, 10, 8, 224, rng);
  test::check_state_dict(net, "vgg");
}

/// These biases keep every ReLU open, and with this seed no window has two near maxima: a difference quotient across a kink
/// would be neither slope.
BOOST_DATA_TEST_CASE(block_keeps_the_contract_of_a_module, test::backends(), backend) {
  Rng rng(31);
  nn::Sequential block = vgg_block({.convolutions = 2, .in_channels = 1, .out_channels = 2}, rng);
  test::set_parameters(block, "0.bias", 2);
  test::set_parameters(block, "2.bias", 4);
  test::check_module(backend, std::move(block), {1, 1, 4, 4});
}

BOOST_AUTO_TEST_CASE(takes_images_of_other_sizes) {
  Rng rng(0);
  const nn::Sequential net = make_vgg11(1, 10, 8, 96, rng);
  BOOST_TEST(test::shapes_of("Flatten", net, {1, 1, 96, 96}).at(0) == "[1, 576]");
}

BOOST_AUTO_TEST_CASE(program_takes_its_ratio_from_the_command_line_and_from_the_run) {
  const test::TemporaryFolder folder;
  const std::string out = (folder / "run").string();
  const auto run = test::run_program(
      {CNN_PROGRAM, "--preset", "smoke", "--image-size", "32", "--ratio", "16", "--out", out});
  BOOST_TEST_REQUIRE(run.code == 0, run.errors);
  const std::string json = test::read_text(folder / "run/run.json");
  BOOST_TEST(json.find("\"--ratio\": \"16\"") != std::string::npos, json);
  const std::string weights = test::read_text(folder / "run/model.safetensors");
  const auto resumed = test::run_program({CNN_PROGRAM, "--resume", out});
  BOOST_TEST_REQUIRE(resumed.code == 0, resumed.errors);
  BOOST_TEST((test::read_text(folder / "run/model.safetensors") == weights));
  const auto changed = test::run_program({CNN_PROGRAM, "--resume", out, "--ratio", "8"});
  BOOST_TEST(changed.code == 2);
  BOOST_TEST(changed.errors.find("--ratio") != std::string::npos, changed.errors);
}

BOOST_AUTO_TEST_CASE(program_refuses_a_damaged_ratio_of_a_run) {
  const test::TemporaryFolder folder;
  const std::string out = (folder / "run").string();
  const auto run = test::run_program(
      {CNN_PROGRAM, "--preset", "smoke", "--image-size", "32", "--ratio", "32", "--out", out});
  BOOST_TEST_REQUIRE(run.code == 0, run.errors);
  const std::string good = test::read_text(folder / "run/run.json");
  for (const char* damage : {"\"--ratio\": \"0\"", "\"--ratio\": \"x\"", "\"--other\": \"8\""}) {
    std::string text = good;
    text.replace(text.find("\"--ratio\": \"32\""), std::string("\"--ratio\": \"32\"").size(), damage);
    std::ofstream(folder / "run/run.json") << text;
    const auto resumed = test::run_program({CNN_PROGRAM, "--resume", out});
    BOOST_TEST(resumed.code == 1, damage);
    BOOST_TEST(resumed.errors.find("damaged: --ratio") != std::string::npos, resumed.errors);
  }
}

BOOST_DATA_TEST_CASE(program_refuses_a_ratio_that_divides_nothing,
                     boost::unit_test::data::make({"0", "3", "128", "x"}), ratio) {
  const auto run = test::run_program({CNN_PROGRAM, "--ratio", ratio});
  BOOST_TEST(run.code == 2);
  BOOST_TEST(run.errors.find("--ratio") != std::string::npos, run.errors);
}

BOOST_DATA_TEST_CASE(program_refuses_images_of_which_nothing_is_left,
                     boost::unit_test::data::make({"1", "8", "31"}), side) {
  const auto run = test::run_program({CNN_PROGRAM, "--preset", "smoke", "--image-size", side});
  BOOST_TEST(run.code == 2);
  BOOST_TEST(run.errors.starts_with("error: --image-size " + std::string(side) + " does not fit"),
             run.errors);
}

BOOST_AUTO_TEST_CASE(takes_the_channels_and_classes_of_the_data) {
  Rng rng(0);
  BOOST_TEST((make_vgg11(3, 5, 8, 224, rng).output_shape({2, 3, 224, 224}) == Shape{2, 5}));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
