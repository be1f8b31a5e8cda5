// SPDX-License-Identifier: MIT
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "tests/chapters/01_conv_layer/random_matrix.hpp"

using namespace cnn;
using namespace cnn::conv_layer;

namespace {

const Matrix x{{0, 1, 2}, {3, 4, 5}, {6, 7, 8}};
const Matrix k{{0, 1}, {2, 3}};

}  // namespace

BOOST_AUTO_TEST_SUITE(corr2d_suite)

BOOST_AUTO_TEST_CASE(gives_the_books_numbers) {
  BOOST_TEST((corr2d(x, k) == Matrix{{19, 25}, {37, 43}}));
  BOOST_TEST((library_corr2d(x, k) == Matrix{{19, 25}, {37, 43}}));
}

BOOST_AUTO_TEST_CASE(finds_the_books_edges) {
  const Matrix row{{0, 1, 0, 0, 0, -1, 0}};
  const Matrix edges = corr2d(edge_image(), {{1, -1}});
  BOOST_TEST_REQUIRE(edges.shape(0) == 6U);
  BOOST_TEST_REQUIRE(edges.shape(1) == 7U);
  for (std::size_t i = 0; i < 6; ++i) BOOST_TEST((xt::view(edges, xt::range(i, i + 1)) == row));
}

BOOST_AUTO_TEST_CASE(sees_no_edges_in_the_transposed_image) {
  BOOST_TEST((corr2d(transposed(edge_image()), {{1, -1}}) == xt::zeros<float>({8, 5})));
}

BOOST_AUTO_TEST_CASE(sees_the_transposed_edges_with_the_transposed_kernel) {
  const Matrix sideways = corr2d(transposed(edge_image()), {{1}, {-1}});
  BOOST_TEST((transposed(sideways) == corr2d(edge_image(), {{1, -1}})));
}

BOOST_AUTO_TEST_CASE(refuses_a_kernel_that_does_not_fit) {
  BOOST_CHECK_THROW(corr2d(k, x), ShapeError);
  BOOST_CHECK_THROW(corr2d(x, Matrix{{1, 1, 1, 1}}), ShapeError);
  BOOST_CHECK_THROW(corr2d(x, xt::zeros<float>({0, 2})), ShapeError);
}

BOOST_DATA_TEST_CASE(agrees_with_the_library, boost::unit_test::data::make(all_sizes), s) {
  Rng rng(3);
  const Matrix image = random_matrix(s.h, s.w, rng);
  const Matrix kernel = random_matrix(s.kh, s.kw, rng);
  for (const std::string& backend : backend_names()) {
    const BackendScope scope(backend);
    const Matrix from_library = library_corr2d(image, kernel);
    BOOST_TEST_REQUIRE(from_library.shape(0) == s.h - s.kh + 1);
    BOOST_TEST_REQUIRE(from_library.shape(1) == s.w - s.kw + 1);
    BOOST_TEST(largest_difference(corr2d(image, kernel), from_library) < 1e-5F);
  }
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(convolution)

BOOST_AUTO_TEST_CASE(flipping_turns_by_half_a_circle) {
  BOOST_TEST((flipped({{1, 2, 3}, {4, 5, 6}}) == Matrix{{6, 5, 4}, {3, 2, 1}}));
}

BOOST_AUTO_TEST_CASE(flipping_twice_changes_nothing) {
  Rng rng(1);
  const Matrix kernel = random_matrix(3, 4, rng);
  BOOST_TEST((flipped(flipped(kernel)) == kernel));
}

// By hand: y(0, 0) = 0*3 + 1*2 + 3*1 + 4*0.
BOOST_AUTO_TEST_CASE(gives_the_numbers_by_hand) {
  BOOST_TEST((convolve2d(x, k) == Matrix{{5, 11}, {23, 29}}));
}

// A single bright pixel shows the kernel itself under convolution, and the flipped kernel under cross-correlation.
BOOST_AUTO_TEST_CASE(of_a_bright_pixel_shows_the_kernel) {
  Matrix image = xt::zeros<float>({3, 5});
  image(1, 2) = 1;
  const Matrix kernel{{1, 2, 3}, {4, 5, 6}};
  BOOST_TEST((convolve2d(image, kernel) == kernel));
  BOOST_TEST((corr2d(image, kernel) == flipped(kernel)));
}

BOOST_AUTO_TEST_CASE(is_cross_correlation_when_the_kernel_is_symmetric) {
  Rng rng(2);
  const Matrix image = random_matrix(6, 6, rng);
  const Matrix kernel{{1, 2, 1}, {2, 5, 2}, {1, 2, 1}};
  BOOST_TEST((convolve2d(image, kernel) == corr2d(image, kernel)));
}

// What cross-correlation is not: a * b = b * a, when the border is wide enough for every overlap.
BOOST_AUTO_TEST_CASE(commutes) {
  const Matrix a{{1, 2}, {3, 4}};
  const Matrix b{{5, -6}, {7, 8}};
  BOOST_TEST((convolve2d(with_border(a, 1, 1), b) == convolve2d(with_border(b, 1, 1), a)));
  BOOST_TEST((corr2d(with_border(a, 1, 1), b) != corr2d(with_border(b, 1, 1), a)));
}

BOOST_AUTO_TEST_SUITE_END()
