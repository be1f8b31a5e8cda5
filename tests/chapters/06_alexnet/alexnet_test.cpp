// SPDX-License-Identifier: MIT
#include "chapters/06_alexnet/alexnet.hpp"

#include <boost/test/unit_test.hpp>

#include "tests/support/network.hpp"
#include "tests/support/program.hpp"

namespace {

using namespace cnn;

BOOST_AUTO_TEST_SUITE(alexnet)

/// AlexNet's 47 million weights are drawn once for all cases.
struct Network {
  Rng rng{0};
  nn::Sequential net = make_alexnet(1, 10, rng);
};

Network& network() {
  static Network one;
  return one;
}

BOOST_AUTO_TEST_CASE(has_the_shapes_of_the_book) {
  const Shape x{1, 1, 224, 224};
  const std::vector<std::string> convolutions{"[1, 96, 54, 54]", "[1, 256, 26, 26]", "[1, 384, 12, 12]",
                                              "[1, 384, 12, 12]", "[1, 256, 12, 12]"};
  BOOST_TEST(test::shapes_of("Conv2d", network().net, x) == convolutions, boost::test_tools::per_element());
  const std::vector<std::string> pools{"[1, 96, 26, 26]", "[1, 256, 12, 12]", "[1, 256, 5, 5]"};
  BOOST_TEST(test::shapes_of("MaxPool2d", network().net, x) == pools, boost::test_tools::per_element());
  const std::vector<std::string> linears{"[1, 4096]", "[1, 4096]", "[1, 10]"};
  BOOST_TEST(test::shapes_of("Linear", network().net, x) == linears, boost::test_tools::per_element());
  BOOST_TEST(test::shapes_of("Flatten", network().net, x).at(0) == "[1, 6400]");
  BOOST_TEST(test::shapes_of("Dropout", network().net, x).size() == 2U);
}

BOOST_AUTO_TEST_CASE(has_the_parameters_and_operations_of_the_book) {
  const nn::Summary summary = nn::summarize(network().net, {1, 1, 224, 224});
  BOOST_TEST(summary.parameters == 46'764'746);
  BOOST_TEST(summary.macs == 938'146'176);
}

BOOST_AUTO_TEST_CASE(spends_its_parameters_and_its_work_at_opposite_ends) {
  const nn::Cost conv = network().net[0].cost({1, 1, 224, 224});
  const nn::Cost fc = network().net[2].cost({1, 6400});
  BOOST_TEST(conv.parameters == 3'723'968);
  BOOST_TEST(fc.parameters == 43'040'778);
  BOOST_TEST(conv.macs == 895'113'600);
  BOOST_TEST(fc.macs == 43'032'576);
}

BOOST_AUTO_TEST_CASE(names_its_weights_as_the_book_s_class) {
  test::check_state_dict(network().net, "alexnet");
}

BOOST_AUTO_TEST_CASE(answers_differently_only_while_training) {
  nn::Sequential& net = network().net;
  const Tensor x = Tensor::zeros({1, 1, 224, 224});
  const auto answer = [&] {
    const Tensor y = net.forward(x.clone());
    return std::vector<float>(y.values().begin(), y.values().end());
  };
  BOOST_TEST(answer() != answer());
  net.train(false);
  BOOST_TEST(answer() == answer());
  net.train(true);
}

BOOST_AUTO_TEST_CASE(program_refuses_images_of_another_size) {
  const test::TemporaryFolder folder;
  const auto run = test::run_program(
      {CNN_PROGRAM, "--preset", "smoke", "--image-size", "96", "--out", (folder / "run").string()});
  BOOST_TEST(run.code == 2);
  BOOST_TEST(run.errors.find("--image-size 96") != std::string::npos, run.errors);
  BOOST_TEST(run.errors.find("224 x 224") != std::string::npos, run.errors);
}

BOOST_AUTO_TEST_CASE(takes_the_channels_and_classes_of_the_data) {
  Rng rng(0);
  BOOST_TEST((make_alexnet(3, 5, rng).output_shape({2, 3, 224, 224}) == Shape{2, 5}));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
