// SPDX-License-Identifier: MIT
#include <boost/test/unit_test.hpp>

#include "chapters/01_conv_layer/receptive_field.hpp"
#include "tests/chapters/01_conv_layer/random_matrix.hpp"

using namespace cnn;
using namespace cnn::conv_layer;

BOOST_AUTO_TEST_SUITE(receptive_field)

namespace {

std::size_t pixels_seen(const Matrix& influence) { return xt::nonzero(influence)[0].size(); }

}  // namespace

const Matrix k{{1, 2}, {3, 4}};

BOOST_AUTO_TEST_CASE(of_one_layer_is_its_kernel) {
  const Matrix seen = influence_on([](const Matrix& x) { return corr2d(x, k); }, 4, 5, 1, 2);
  BOOST_TEST((seen == Matrix{{0, 0, 0, 0, 0}, {0, 0, 1, 2, 0}, {0, 0, 3, 4, 0}, {0, 0, 0, 0, 0}}));
}

BOOST_AUTO_TEST_CASE(of_two_kernels_of_2x2_is_3x3) {
  const Matrix seen = influence_on([](const Matrix& x) { return corr2d(corr2d(x, k), k); }, 5, 5, 1, 1);
  BOOST_TEST(pixels_seen(seen) == 9U);
  BOOST_TEST(
      (seen ==
       Matrix{{0, 0, 0, 0, 0}, {0, 1, 4, 4, 0}, {0, 6, 20, 16, 0}, {0, 9, 24, 16, 0}, {0, 0, 0, 0, 0}}));
}

BOOST_AUTO_TEST_CASE(of_three_kernels_of_3x3_is_7x7) {
  Rng rng(8);
  const Matrix kernel = random_matrix(3, 3, rng);
  const auto network = [&](const Matrix& x) { return corr2d(corr2d(corr2d(x, kernel), kernel), kernel); };
  BOOST_TEST(pixels_seen(influence_on(network, 9, 9, 1, 1)) == 49U);
}

// Two layers without anything between them are one layer: its kernel is the convolution of the two kernels.
BOOST_AUTO_TEST_CASE(two_linear_layers_are_one) {
  Rng rng(9);
  const Matrix a = random_matrix(2, 3, rng), b = random_matrix(3, 2, rng), x = random_matrix(8, 8, rng);
  const Matrix both = convolve2d(with_border(a, 2, 1), b);
  BOOST_TEST(largest_difference(corr2d(corr2d(x, a), b), corr2d(x, both)) < 1e-4F);
}

// The backward pass says the same: the gradient of one output element is not zero where that element looks.
BOOST_AUTO_TEST_CASE(is_where_the_gradient_is) {
  Conv2D first(k, 0), second(k, 0);
  second.forward(first.forward(xt::zeros<float>({5, 5})));
  Matrix grad_y = xt::zeros<float>({3, 3});
  grad_y(1, 1) = 1;
  const Matrix grad_x = first.backward(second.backward(grad_y));
  BOOST_TEST((grad_x == influence_on([](const Matrix& x) { return corr2d(corr2d(x, k), k); }, 5, 5, 1, 1)));
}

BOOST_AUTO_TEST_SUITE_END()
