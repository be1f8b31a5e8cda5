// SPDX-License-Identifier: MIT
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "chapters/02_padding_stride/library.hpp"

using namespace cnn;
using namespace cnn::padding_stride;
namespace bdata = boost::unit_test::data;

namespace {

// Counts the places of a window instead of computing their number.
Index count_places(Index n, Index k, Index p, Index s) {
  Index places = 0;
  for (Index first = 0; first + k <= n + 2 * p; first += s) ++places;
  return places;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(output_size_suite)

BOOST_DATA_TEST_CASE(is_the_number_of_places, bdata::xrange<Index>(1, 12), n) {
  int fitting = 0;
  for (Index k = 1; k <= 7; ++k) {
    for (Index p = 0; p <= 3; ++p) {
      for (Index s = 1; s <= 5; ++s) {
        if (k > n + 2 * p) continue;
        ++fitting;
        BOOST_TEST(output_size(n, k, p, s) == count_places(n, k, p, s));
        BOOST_TEST(output_size_total(n, k, 2 * p, s) == count_places(n, k, p, s));
        const Shape y = ops::conv2d_output_shape({1, 1, n, n}, {1, 1, k, k}, {.stride = s, .padding = p});
        BOOST_TEST((y == Shape{1, 1, output_size(n, k, p, s), output_size(n, k, p, s)}));
      }
    }
  }
  BOOST_TEST(fitting >= 5 * (1 + 3 + 5 + 7));
}

BOOST_DATA_TEST_CASE(refuses_a_kernel_beyond_the_padded_image, bdata::xrange<Index>(1, 6), n) {
  for (Index p = 0; p <= 3; ++p) {
    BOOST_TEST(output_size(n, n + 2 * p, p, 1) == 1);
    BOOST_CHECK_THROW(output_size(n, n + 2 * p + 1, p, 1), ShapeError);
  }
}

// The two special cases of the book.
BOOST_DATA_TEST_CASE(is_n_when_the_padding_is_k_minus_1, bdata::xrange<Index>(1, 12), n) {
  for (Index k = 1; k <= 7; ++k) BOOST_TEST(output_size_total(n, k, k - 1, 1) == n);
}

BOOST_DATA_TEST_CASE(is_n_over_s_when_s_divides_n, bdata::xrange<Index>(1, 6), s) {
  for (Index times = 1; times <= 5; ++times) {
    for (const Index k : {1, 3, 5, 7}) BOOST_TEST(output_size(s * times, k, (k - 1) / 2, s) == times);
  }
}

BOOST_AUTO_TEST_CASE(refuses_impossible_numbers) {
  BOOST_CHECK_THROW(output_size(8, 3, 0, 0), ShapeError);
  BOOST_CHECK_THROW(output_size(8, 3, -1, 1), ShapeError);
  BOOST_CHECK_THROW(output_size(8, 0, 0, 1), ShapeError);
  BOOST_CHECK_THROW(output_size(0, 1, 1, 1), ShapeError);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(same_padding_suite)

BOOST_DATA_TEST_CASE(keeps_the_size, bdata::xrange<Index>(1, 8), kh) {
  const Matrix x = xt::ones<float>({5, 6});
  for (Index kw = 1; kw <= 7; ++kw) {
    const Matrix kernel = xt::ones<float>({kh, kw});
    BOOST_TEST((size(corr2d(pad(x, same_padding({kh, kw})), kernel, {})) == Size2d(5, 6)));
  }
}

BOOST_DATA_TEST_CASE(is_even_for_odd_kernels, bdata::make({1, 3, 5, 7}), k) {
  const Border border = same_padding(Index{k});
  BOOST_TEST(border.top == (k - 1) / 2);
  BOOST_TEST(border.bottom == border.top);
  BOOST_TEST(border.left == border.top);
  BOOST_TEST(border.right == border.top);
}

BOOST_DATA_TEST_CASE(has_one_more_above_and_on_the_left_for_even_kernels, bdata::make({2, 4, 6}), k) {
  const Border border = same_padding(Index{k});
  BOOST_TEST(border.top == k / 2);
  BOOST_TEST(border.bottom == k / 2 - 1);
  BOOST_TEST(border.left == k / 2);
  BOOST_TEST(border.right == k / 2 - 1);
}

// With an odd kernel of side 2p + 1, padding p, the window of y(i, j) is centred on x(i, j): a kernel with a single 1 in its
// middle copies the image.
BOOST_DATA_TEST_CASE(centres_odd_kernels, bdata::make({1, 3, 5, 7}), k) {
  Rng rng(6);
  const Matrix x = random_image({5, 6}, rng);
  Matrix kernel = xt::zeros<float>({k, k});
  kernel(k / 2, k / 2) = 1;
  BOOST_TEST((corr2d(x, kernel, {.stride = 1, .padding = k / 2}) == x));
}

BOOST_AUTO_TEST_SUITE_END()
