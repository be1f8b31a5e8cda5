// SPDX-License-Identifier: MIT
#include "common/train/layer_watch.hpp"

#include <boost/test/unit_test.hpp>

#include <cmath>
#include <vector>

namespace {

using namespace cnn;

BOOST_AUTO_TEST_SUITE(layer_watch)

/// Two images, two channels of two values each.
BOOST_AUTO_TEST_CASE(measures_spread_gradient_and_histogram) {
  const io::NamedTensors seen{
      {"conv.0.output", Tensor::from_values({2, 2, 1, 2}, std::vector<float>{0, -4, 1, 5, 2, 9, 1, 1})},
      {"conv.1.output", Tensor::from_values({2, 1}, std::vector<float>{-9, 0.3F})},
      {"conv.1.grad_input", Tensor::from_values({2, 1}, std::vector<float>{7, 7})},
      {"conv.0.weight.grad", Tensor::from_values({2}, std::vector<float>{1, 2})},
      {"conv.0.bias.grad", Tensor::from_values({1}, std::vector<float>{2})}};
  const std::vector<io::LayerRecord> layers = measure_layers(seen);
  BOOST_TEST_REQUIRE(layers.size() == 2U);

  BOOST_TEST(layers[0].layer == "conv.0");
  BOOST_TEST(std::abs(layers[0].spread - (1 + 6.5 + 0 + 2) / 4) < 1e-12);
  BOOST_TEST(std::abs(layers[0].gradient - 3) < 1e-12);
  std::vector<Index> expected(64);
  expected[0] = 1;   // -4
  expected[32] = 1;  // 0
  expected[48] = 1;  // 2
  expected[63] = 1;  // 9, which lies beyond
  BOOST_TEST(layers[0].histogram == expected, boost::test_tools::per_element());

  BOOST_TEST(layers[1].layer == "conv.1");
  BOOST_TEST(layers[1].gradient == 0);
  BOOST_TEST(layers[1].histogram[0] == 1);
  BOOST_TEST(layers[1].histogram[34] == 1);  // 0.3 is in [0.25, 0.375)
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
