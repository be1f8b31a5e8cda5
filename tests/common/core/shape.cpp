// SPDX-License-Identifier: MIT
#include <boost/test/unit_test.hpp>

#include "common/core/check.hpp"
#include "common/core/shape.hpp"

using namespace cnn;

BOOST_AUTO_TEST_SUITE(shape)

BOOST_AUTO_TEST_CASE(counts_elements) {
  BOOST_TEST(element_count({2, 3, 4}) == 24);
  BOOST_TEST(element_count({}) == 1);
  BOOST_TEST(element_count({5, 0, 7}) == 0);
}

BOOST_AUTO_TEST_CASE(refuses_impossible_sizes) {
  BOOST_CHECK_THROW(element_count({2, -1}), ShapeError);
  const Index huge = Index{1} << 32;
  BOOST_CHECK_THROW(element_count({huge, huge}), ShapeError);
}

BOOST_AUTO_TEST_CASE(is_written_as_readers_write_it) {
  BOOST_TEST(to_string(Shape{2, 1, 28, 28}) == "[2, 1, 28, 28]");
  BOOST_TEST(to_string(Shape{}) == "[]");
  BOOST_TEST(to_string(Size2d{3, 5}) == "3x5");
}

BOOST_AUTO_TEST_CASE(one_number_is_a_square) {
  const Size2d square = 3;
  BOOST_TEST(square.h == 3);
  BOOST_TEST(square.w == 3);
  BOOST_TEST((Size2d{3, 5} == Size2d{3, 5}));
  BOOST_TEST(!(Size2d{3, 5} == Size2d{5, 3}));
}

BOOST_AUTO_TEST_SUITE_END()
