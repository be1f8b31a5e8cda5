// SPDX-License-Identifier: MIT
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "tests/chapters/01_conv_layer/random_matrix.hpp"

using namespace cnn;
using namespace cnn::conv_layer;

BOOST_AUTO_TEST_SUITE(learn_kernel_suite)

namespace {

const Matrix edges = corr2d(edge_image(), {{1, -1}});

// What the book's class and loop give in PyTorch 2.15 after torch.manual_seed(seed).
struct Course {
  std::uint64_t seed;
  std::vector<float> losses;  // of the steps 1, 5, 10, 15 and 20
  float weight0, weight1, bias;
};

const std::vector<Course> pytorch{{0,
                                   {124.953094F, 7.14752245F, 0.802227378F, 0.09087459F, 0.010521273F},
                                   1.007683277F,
                                   -0.979474247F,
                                   -0.015791882F},
                                  {1,
                                   {22.8799343F, 3.1679239F, 0.8177043F, 0.2205332F, 0.0606156F},
                                   0.941020548F,
                                   -0.934446812F,
                                   -0.003680102F}};

std::ostream& operator<<(std::ostream& out, const Course& course) { return out << "seed " << course.seed; }

void check_course(const std::vector<LearningStep>& steps, const Course& expected) {
  BOOST_TEST_REQUIRE(steps.size() == 20U);
  const std::vector<std::size_t> numbers{1, 5, 10, 15, 20};
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    BOOST_TEST(steps[numbers[i] - 1].loss == expected.losses[i], boost::test_tools::tolerance(1e-4F));
  }
  BOOST_TEST(steps.back().weight(0, 0) == expected.weight0, boost::test_tools::tolerance(1e-5F));
  BOOST_TEST(steps.back().weight(0, 1) == expected.weight1, boost::test_tools::tolerance(1e-5F));
  BOOST_TEST(std::abs(steps.back().bias - expected.bias) < 1e-5F);
}

}  // namespace

BOOST_DATA_TEST_CASE(follows_pytorch, boost::unit_test::data::make(pytorch), course) {
  Rng rng(course.seed);
  Conv2D layer(1, 2, rng);
  check_course(learn_kernel(layer, edge_image(), edges, 20, 0.01F), course);
}

BOOST_DATA_TEST_CASE(follows_pytorch_through_the_library, boost::unit_test::data::make(pytorch), course) {
  for (const std::string& backend : backend_names()) {
    const BackendScope scope(backend);
    Rng rng(course.seed);
    check_course(library_learn_kernel(Conv2D(1, 2, rng), edge_image(), edges, 20, 0.01F), course);
  }
}

BOOST_AUTO_TEST_CASE(has_pytorchs_first_gradients) {
  Rng rng(0);
  Conv2D layer(1, 2, rng);
  const Matrix error = layer.forward(edge_image()) - edges;
  layer.backward(2 * error);
  BOOST_TEST(layer.grad_weight()(0, 0) == -42.002853394F, boost::test_tools::tolerance(1e-5F));
  BOOST_TEST(layer.grad_weight()(0, 1) == -40.015953064F, boost::test_tools::tolerance(1e-5F));
  BOOST_TEST(layer.grad_bias() == -138.105895996F, boost::test_tools::tolerance(1e-5F));
}

BOOST_DATA_TEST_CASE(finds_the_kernel_in_the_end, boost::unit_test::data::xrange(10), seed) {
  Rng rng(static_cast<std::uint64_t>(seed));
  Conv2D layer(1, 2, rng);
  learn_kernel(layer, edge_image(), edges, 100, 0.01F);
  BOOST_TEST(largest_difference(layer.weight(), {{1, -1}}) < 1e-3F);
  BOOST_TEST(std::abs(layer.bias()) < 1e-3F);
}

BOOST_AUTO_TEST_CASE(diverges_when_the_step_is_too_long) {
  Rng rng(0);
  Conv2D layer(1, 2, rng);
  const auto steps = learn_kernel(layer, edge_image(), edges, 20, 0.03F);
  BOOST_TEST(steps.back().loss > steps.front().loss);
}

BOOST_AUTO_TEST_SUITE_END()
