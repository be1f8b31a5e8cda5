// SPDX-License-Identifier: MIT
#include <boost/test/unit_test.hpp>

#include "chapters/04_pooling/translation.hpp"
#include "tests/chapters/04_pooling/cases.hpp"

using namespace cnn;
using namespace cnn::pooling;

BOOST_AUTO_TEST_SUITE(translation)

namespace {

Plane first_row(const Plane& x) { return xt::view(x, xt::range(0, 1)); }

}  // namespace

BOOST_AUTO_TEST_CASE(edges_are_those_of_section_5_1) {
  BOOST_TEST((first_row(image_with_bar(0)) == Plane{{1, 1, 0, 0, 0, 0, 1, 1}}));
  const Plane edges = vertical_edges(image_with_bar(0));
  BOOST_TEST((edges.shape() == Plane::shape_type{6, 7}));
  for (std::size_t row = 0; row < 6; ++row) {
    BOOST_TEST((xt::view(edges, xt::range(row, row + 1)) == Plane{{0, 1, 0, 0, 0, -1, 0}}));
  }
}

// Windows that move by one pixel see an edge in two places, and after a shift by one still in one of them.
BOOST_AUTO_TEST_CASE(an_edge_is_still_seen_after_a_shift_by_one_pixel) {
  const Window window{.size = 2, .stride = 1};
  const Plane here = pool2d(vertical_edges(image_with_bar(0)), window, Mode::max);
  for (const int shift : {-1, 1}) {
    const Plane there = pool2d(vertical_edges(image_with_bar(shift)), window, Mode::max);
    BOOST_TEST(xt::amax(here * there)() == 1);
    BOOST_TEST(xt::amax(vertical_edges(image_with_bar(0)) * vertical_edges(image_with_bar(shift)))() == 0);
  }
}

// Windows side by side absorb a shift within a window, and no other: pooling tolerates shifts, it does not undo them.
BOOST_AUTO_TEST_CASE(a_shift_within_a_window_changes_nothing) {
  const Window window{.size = 2};
  const Plane here = pool2d(vertical_edges(image_with_bar(0)), window, Mode::max);
  BOOST_TEST((pool2d(vertical_edges(image_with_bar(-1)), window, Mode::max) == here));
  BOOST_TEST((pool2d(vertical_edges(image_with_bar(1)), window, Mode::max) != here));
}

BOOST_AUTO_TEST_SUITE_END()
