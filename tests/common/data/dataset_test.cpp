// SPDX-License-Identifier: MIT
#include "common/data/dataset.hpp"

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <vector>

BOOST_AUTO_TEST_SUITE(dataset)

namespace {

using namespace cnn;

std::vector<int> pixels_of(const data::Dataset& set, Index image) {
  const auto [n, h, w] = set.images.dims<3>();
  const std::uint8_t* first = set.images.pixels() + image * h * w;
  return {first, first + h * w};
}

/// Pixels of an image that are bright, whatever the noise.
std::vector<bool> bright_pixels(const data::Dataset& set, Index image) {
  std::vector<bool> bright;
  for (const int pixel : pixels_of(set, image)) bright.push_back(pixel >= 128);
  return bright;
}

}  // namespace

BOOST_AUTO_TEST_CASE(synthetic_images_are_the_same_everywhere) {
  const data::Dataset set = data::synthetic(25, 14, 10, 3);
  BOOST_TEST(set.size() == 25);
  BOOST_TEST(set.images.shape() == (Shape{25, 14, 14}), boost::test_tools::per_element());
  BOOST_TEST(set.labels.labels()[9] == 9);
  BOOST_TEST(set.labels.labels()[21] == 1);
  const data::Dataset again = data::synthetic(25, 14, 10, 3);
  BOOST_TEST(pixels_of(set, 24) == pixels_of(again, 24), boost::test_tools::per_element());
  const std::vector<int> first = pixels_of(set, 0);
  BOOST_TEST(
      std::vector<int>(first.begin(), first.begin() + 4) == (std::vector<int>{160 + 10, 160 + 56, 25, 3}),
      boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(synthetic_classes_differ_and_seeds_agree_on_them) {
  const data::Dataset train = data::synthetic(20, 28, 10, 0);
  const data::Dataset test = data::synthetic(10, 28, 10, 1);
  BOOST_TEST((pixels_of(train, 4) != pixels_of(test, 4)));
  for (Index i = 0; i < 10; ++i) {
    BOOST_TEST((bright_pixels(train, i) == bright_pixels(test, i)));
    BOOST_TEST((bright_pixels(train, i) == bright_pixels(train, i + 10)));
    for (Index j = 0; j < i; ++j) BOOST_TEST((bright_pixels(train, i) != bright_pixels(train, j)));
  }
}

BOOST_AUTO_TEST_CASE(first_images_share_the_pixels) {
  const data::Dataset set = data::synthetic(7, 4, 3, 0);
  const data::Dataset part = set.first(5);
  BOOST_TEST(part.size() == 5);
  BOOST_TEST(part.images.shape() == (Shape{5, 4, 4}), boost::test_tools::per_element());
  BOOST_TEST(part.images.shares_storage_with(set.images));
  BOOST_TEST(set.first(0).size() == 0);
  BOOST_TEST(set.first(1000).size() == 7);
  BOOST_CHECK_THROW(set.first(-1), UsageError);
}

BOOST_AUTO_TEST_CASE(synthetic_refuses_what_is_not_there) {
  BOOST_CHECK_THROW(data::synthetic(0, 28, 10, 0), UsageError);
  BOOST_CHECK_THROW(data::synthetic(1, 0, 10, 0), UsageError);
  BOOST_CHECK_THROW(data::synthetic(1, 28, 0, 0), UsageError);
}

BOOST_AUTO_TEST_SUITE_END()
