// SPDX-License-Identifier: MIT
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "chapters/03_channels/cost.hpp"
#include "tests/chapters/03_channels/cases.hpp"

using namespace cnn;
using namespace cnn::channels;

BOOST_AUTO_TEST_SUITE(cost)

BOOST_DATA_TEST_CASE(counted_is_that_of_the_formula, boost::unit_test::data::make(all_cases), c) {
  const Image x = xt::ones<float>({c.ic, c.h, c.w});
  const Kernels k = xt::ones<float>({c.oc, c.ic, c.kh, c.kw});
  BOOST_TEST((cost_by_counting(x, k) == cost_by_formula(x, k)));
}

// LeNet's second convolution: 6 to 16 channels, 5 x 5 kernels, an image of 12 x 12 pixels.
BOOST_AUTO_TEST_CASE(of_a_layer_of_lenet) {
  const Cost cost = cost_by_formula(xt::ones<float>({6, 12, 12}), xt::ones<float>({16, 6, 5, 5}));
  BOOST_TEST(cost.parameters == 2400U);
  BOOST_TEST(cost.macs == 153600U);
}

// Twice the channels in and out: four times the parameters and the work.
BOOST_AUTO_TEST_CASE(grows_with_the_product_of_the_channels) {
  const Cost narrow = cost_by_formula(xt::ones<float>({2, 6, 6}), xt::ones<float>({3, 2, 3, 3}));
  const Cost wide = cost_by_formula(xt::ones<float>({4, 6, 6}), xt::ones<float>({6, 4, 3, 3}));
  BOOST_TEST(wide.parameters == 4 * narrow.parameters);
  BOOST_TEST(wide.macs == 4 * narrow.macs);
}

BOOST_AUTO_TEST_SUITE_END()
