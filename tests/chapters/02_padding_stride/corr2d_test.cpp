// SPDX-License-Identifier: MIT
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "chapters/02_padding_stride/library.hpp"

using namespace cnn;
using namespace cnn::padding_stride;

namespace {

// Sizes of an image and a kernel, and how the kernel moves.
struct Case {
  Size2d image, kernel, padding, stride;
};

std::ostream& operator<<(std::ostream& out, const Case& c) {
  return out << "image " << to_string(c.image) << ", kernel " << to_string(c.kernel) << ", padding "
             << to_string(c.padding) << ", stride " << to_string(c.stride);
}

// Odd and even sizes, kernel as large as the image or the padded image, steps longer than the kernel, uneven sides.
const std::vector<Case> all_cases{{1, 1, 0, 1},           {1, 3, 1, 1},
                                  {{3, 5}, {3, 5}, 0, 1}, {4, 6, 1, 1},
                                  {8, 3, 1, 1},           {8, {5, 3}, {2, 1}, 1},
                                  {8, 3, 1, 2},           {8, {3, 5}, {0, 1}, {3, 4}},
                                  {9, 2, 0, 3},           {{7, 4}, {2, 3}, {2, 0}, {1, 2}},
                                  {5, 1, 2, 2},           {{6, 9}, {4, 2}, {3, 1}, {5, 1}}};

}  // namespace

BOOST_AUTO_TEST_SUITE(figures)

const Matrix x{{0, 1, 2}, {3, 4, 5}, {6, 7, 8}};
const Matrix k{{0, 1}, {2, 3}};

BOOST_AUTO_TEST_CASE(padding_makes_5x5_of_3x3) {
  BOOST_TEST((pad(x, {1, 1, 1, 1}) ==
              Matrix{{0, 0, 0, 0, 0}, {0, 0, 1, 2, 0}, {0, 3, 4, 5, 0}, {0, 6, 7, 8, 0}, {0, 0, 0, 0, 0}}));
}

BOOST_AUTO_TEST_CASE(padded_output_is_4x4_and_starts_with_0) {
  const Matrix y = corr2d(x, k, {.stride = 1, .padding = 1});
  BOOST_TEST(y(0, 0) == 0);
  BOOST_TEST((y == Matrix{{0, 3, 8, 4}, {9, 19, 25, 10}, {21, 37, 43, 16}, {6, 7, 8, 0}}));
}

BOOST_AUTO_TEST_CASE(stride_3_and_2_gives_8_and_6) {
  const Matrix y = corr2d(x, k, {.stride = {3, 2}, .padding = 1});
  BOOST_TEST(y(0, 1) == 8);
  BOOST_TEST(y(1, 0) == 6);
  BOOST_TEST((y == Matrix{{0, 8}, {6, 8}}));
}

BOOST_AUTO_TEST_CASE(padding_can_differ_on_every_side) {
  BOOST_TEST((pad({{1, 2}}, {0, 1, 2, 3}) == Matrix{{0, 0, 1, 2, 0, 0, 0}, {0, 0, 0, 0, 0, 0, 0}}));
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(configurations)

// After torch.manual_seed(0) in PyTorch 2.15: nn.Conv2d, torch.rand(8, 8), then the three other layers, as in the book.
BOOST_AUTO_TEST_CASE(have_the_books_shapes_and_pytorchs_numbers) {
  struct Expected {
    Size2d kernel;
    ConvGeometry geometry;
    Size2d output;
    float first, last, sum;
  };
  const std::vector<Expected> expected{
      {3, {.stride = 1, .padding = 1}, 8, 0.113529019F, -0.123846807F, 2.1525247F},
      {{5, 3}, {.stride = 1, .padding = {2, 1}}, 8, -0.107537352F, -0.115431383F, -9.41411972F},
      {3, {.stride = 2, .padding = 1}, 4, -0.456071317F, -0.445275605F, -3.48757553F},
      {{3, 5}, {.stride = {3, 4}, .padding = {0, 1}}, 2, -0.0572329387F, -0.152212158F, -1.243002653F}};

  Rng rng(0);
  Matrix image;
  for (const Expected& e : expected) {
    const Layer layer = make_layer(e.kernel, e.geometry, rng);
    if (image.size() == 0) image = random_image(8, rng);
    for (const Matrix& y : {comp_conv2d(layer, image), library_conv2d(layer, image)}) {
      BOOST_TEST((size(y) == e.output));
      BOOST_TEST(std::abs(y(0, 0) - e.first) < 1e-6F);
      BOOST_TEST(std::abs(y(y.shape(0) - 1, y.shape(1) - 1) - e.last) < 1e-6F);
      BOOST_TEST(std::abs(xt::sum<double>(y)() - e.sum) < 1e-5);
    }
  }
}

BOOST_DATA_TEST_CASE(agree_with_the_library, boost::unit_test::data::make(all_cases), c) {
  Rng rng(4);
  const Matrix image = random_image(c.image, rng);
  const Layer layer = make_layer(c.kernel, {.stride = c.stride, .padding = c.padding}, rng);
  for (const std::string& backend : backend_names()) {
    const BackendScope scope(backend);
    const Matrix from_library = library_conv2d(layer, image);
    BOOST_TEST_REQUIRE((size(comp_conv2d(layer, image)) == size(from_library)));
    BOOST_TEST(largest_difference(comp_conv2d(layer, image), from_library) < 1e-5F);
  }
}

// A stride only skips: every s-th row and column of what a stride of 1 gives.
BOOST_DATA_TEST_CASE(skip_rows_and_columns, boost::unit_test::data::make(all_cases), c) {
  Rng rng(5);
  const Matrix image = random_image(c.image, rng), kernel = random_image(c.kernel, rng);
  const Matrix dense = corr2d(image, kernel, {.stride = 1, .padding = c.padding});
  const Matrix strided = corr2d(image, kernel, {.stride = c.stride, .padding = c.padding});
  BOOST_TEST((strided == xt::view(dense, xt::range(0, dense.shape(0), c.stride.h),
                                  xt::range(0, dense.shape(1), c.stride.w))));
}

BOOST_AUTO_TEST_SUITE_END()
