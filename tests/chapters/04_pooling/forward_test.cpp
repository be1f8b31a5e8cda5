// SPDX-License-Identifier: MIT
#include <algorithm>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "tests/chapters/04_pooling/cases.hpp"

using namespace cnn;
using namespace cnn::pooling;

namespace {

const Plane nine{{0, 1, 2}, {3, 4, 5}, {6, 7, 8}};
const Image sixteen{{{0, 1, 2, 3}, {4, 5, 6, 7}, {8, 9, 10, 11}, {12, 13, 14, 15}}};

// Our own pooling, and that of each rung of the library.
std::vector<Image> every_way(const Image& x, const Window& window, Mode mode) {
  std::vector<Image> results{pool2d(x, window, mode)};
  for (const std::string& backend : backend_names()) {
    const BackendScope scope(backend);
    results.push_back(library_pool2d(x, window, mode));
  }
  return results;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(book)

BOOST_AUTO_TEST_CASE(windows_of_2x2) {
  BOOST_TEST((pool2d(nine, Size2d{2}, Mode::max) == Plane{{4, 5}, {7, 8}}));
  BOOST_TEST((pool2d(nine, Size2d{2}, Mode::average) == Plane{{2, 3}, {5, 6}}));
}

BOOST_AUTO_TEST_CASE(window_of_3x3_moves_by_its_size) {
  for (const Image& y : every_way(sixteen, {.size = 3}, Mode::max)) BOOST_TEST((y == Image{{{10}}}));
}

BOOST_AUTO_TEST_CASE(window_of_3x3_with_padding_and_stride) {
  for (const Image& y : every_way(sixteen, {.size = 3, .stride = 2, .padding = 1}, Mode::max)) {
    BOOST_TEST((y == Image{{{5, 7}, {13, 15}}}));
  }
}

BOOST_AUTO_TEST_CASE(window_of_2x4_with_padding_and_stride) {
  const Window window{.size = {2, 4}, .stride = {2, 3}, .padding = {1, 2}};
  for (const Image& y : every_way(sixteen, window, Mode::max))
    BOOST_TEST((y == Image{{{1, 3}, {9, 11}, {13, 15}}}));
}

BOOST_AUTO_TEST_CASE(two_channels) {
  const Image both = xt::concatenate(xt::xtuple(sixteen, sixteen + 1.0F));
  for (const Image& y : every_way(both, {.size = 3, .stride = 2, .padding = 1}, Mode::max)) {
    BOOST_TEST((y == Image{{{5, 7}, {13, 15}}, {{6, 8}, {14, 16}}}));
  }
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(forward)

BOOST_DATA_TEST_CASE(agrees_with_the_library, boost::unit_test::data::make(all_cases), c) {
  Rng rng(1);
  const Image x = normal_image({c.c, c.h, c.w}, rng);
  for (const Mode mode : {Mode::max, Mode::average}) {
    const std::vector<Image> results = every_way(x, c.window, mode);
    for (const Image& y : results) {
      BOOST_TEST_REQUIRE((y.shape() == results[0].shape()));
      BOOST_TEST(distance(y, results[0]) < 1e-5F);
    }
  }
}

BOOST_DATA_TEST_CASE(gives_the_announced_shape, boost::unit_test::data::make(all_cases), c) {
  const Shape announced = ops::pool2d_output_shape(
      {1, static_cast<Index>(c.c), static_cast<Index>(c.h), static_cast<Index>(c.w)},
      {.kernel = c.window.size, .stride = c.window.stride, .padding = c.window.padding});
  const Image y = pool2d(Image(xt::zeros<float>({c.c, c.h, c.w})), c.window, Mode::max);
  BOOST_TEST((Shape{1, static_cast<Index>(y.shape(0)), static_cast<Index>(y.shape(1)),
                    static_cast<Index>(y.shape(2))} == announced));
}

// A maximum or a mean does not care for the order of the numbers in its window.
BOOST_AUTO_TEST_CASE(forgets_the_order_within_a_window) {
  Rng rng(2);
  const Image x = normal_image({1, 4, 4}, rng);
  Image mirrored = x;  // each window of 2 x 2, upside down and left to right
  for (std::size_t row = 0; row < 4; ++row) {
    for (std::size_t column = 0; column < 4; ++column) mirrored(0, row, column) = x(0, row ^ 1U, column ^ 1U);
  }
  BOOST_TEST((pool2d(x, {.size = 2}, Mode::max) == pool2d(mirrored, {.size = 2}, Mode::max)));
  BOOST_TEST(distance(pool2d(x, {.size = 2}, Mode::average), pool2d(mirrored, {.size = 2}, Mode::average)) <
             1e-6F);
}

BOOST_DATA_TEST_CASE(maximum_is_at_least_the_mean, boost::unit_test::data::make(all_cases), c) {
  Rng rng(3);
  const Image x =
      xt::abs(normal_image({c.c, c.h, c.w}, rng));  // not negative, as padding counts as zero in the mean
  BOOST_TEST(xt::all(pool2d(x, c.window, Mode::max) + 1e-6F >= pool2d(x, c.window, Mode::average)));
}

// The average is a convolution of each channel with a kernel of equal numbers; the maximum is no convolution at all.
BOOST_DATA_TEST_CASE(average_is_a_convolution, boost::unit_test::data::make(all_cases), c) {
  Rng rng(4);
  const Plane x = channel(normal_image({1, c.h, c.w}, rng), 0);
  const auto [kh, kw] = c.window.size;
  const Tensor weight = from_xtensor(xt::ones<float>({1, 1, static_cast<int>(kh), static_cast<int>(kw)}) /
                                     static_cast<float>(kh * kw));
  const ConvGeometry geometry{.stride = c.window.stride, .padding = c.window.padding};
  const Image convolution = to_image(ops::conv2d(to_batch(one_channel(x)), weight, nullptr, geometry));
  BOOST_TEST(distance(one_channel(pool2d(x, c.window, Mode::average)), convolution) < 1e-5F);
}

BOOST_AUTO_TEST_CASE(average_is_linear_and_maximum_is_not) {
  const Plane a{{1, 0}, {0, 0}}, b{{0, 0}, {0, 1}};
  const Window window{.size = 2};
  BOOST_TEST(pool2d(Plane(a + b), window, Mode::average)(0, 0) ==
             pool2d(a, window, Mode::average)(0, 0) + pool2d(b, window, Mode::average)(0, 0));
  BOOST_TEST(pool2d(Plane(a + b), window, Mode::max)(0, 0) == 1);  // not 1 + 1
}

BOOST_AUTO_TEST_CASE(channels_do_not_mix) {
  Rng rng(5);
  const Image x = normal_image({3, 5, 5}, rng);
  const Window window{.size = 3, .stride = 2, .padding = 1};
  const Image y = pool2d(x, window, Mode::max);
  for (std::size_t c = 0; c < 3; ++c) BOOST_TEST((channel(y, c) == pool2d(channel(x, c), window, Mode::max)));
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(border)

// Padding must not win against negative numbers, and must not be read as a pixel.
BOOST_AUTO_TEST_CASE(never_is_the_maximum) {
  const Image x{{{-5, -7}, {-6, -8}}};
  for (const Image& y : every_way(x, {.size = 2, .stride = 2, .padding = 1}, Mode::max)) {
    BOOST_TEST((y == Image{{{-5, -7}, {-6, -8}}}));
  }
}

// Zeros of the border are divided by like pixels: a corner window of 3 x 3 sees four ones of nine.
BOOST_AUTO_TEST_CASE(counts_in_the_mean) {
  const Image ones = xt::ones<float>({1, 3, 3});
  for (const Image& y : every_way(ones, {.size = 3, .stride = 1, .padding = 1}, Mode::average)) {
    BOOST_TEST(
        distance(y,
                 Image{{{4.F / 9, 6.F / 9, 4.F / 9}, {6.F / 9, 1, 6.F / 9}, {4.F / 9, 6.F / 9, 4.F / 9}}}) <
        1e-6F);
  }
}

BOOST_AUTO_TEST_CASE(may_be_half_the_window_and_no_more) {
  const Plane x = xt::ones<float>({4, 4});
  BOOST_CHECK_NO_THROW(pool2d(x, {.size = 2, .stride = 2, .padding = 1}, Mode::max));
  BOOST_CHECK_THROW(pool2d(x, {.size = 2, .stride = 2, .padding = 2}, Mode::max), ShapeError);
  BOOST_CHECK_THROW(pool2d(x, {.size = 3, .stride = 2, .padding = {0, 2}}, Mode::average), ShapeError);
}

BOOST_AUTO_TEST_CASE(window_larger_than_the_image) {
  const Plane x = xt::ones<float>({2, 5});
  BOOST_CHECK_THROW(pool2d(x, Size2d{3}, Mode::max), ShapeError);
  BOOST_CHECK_THROW(pool2d(x, {.size = {1, 6}}, Mode::average), ShapeError);
  BOOST_CHECK_NO_THROW(pool2d(x, {.size = 3, .stride = 1, .padding = 1}, Mode::max));
}

BOOST_AUTO_TEST_SUITE_END()
