// SPDX-License-Identifier: MIT
#include "common/data/background.hpp"

#include <boost/test/unit_test.hpp>

#include "common/core/check.hpp"
#include "common/data/fashion_mnist.hpp"
#include "tests/common/data/whole_data_set.hpp"

BOOST_AUTO_TEST_SUITE(background)

namespace {

using namespace cnn;

/// How many pictures are said to have a light background: as they are, and inverted.
std::pair<int, int> counted(const Tensor& images) {
  const auto [n, h, w] = images.dims<3>();
  std::pair<int, int> light{0, 0};
  Tensor image = Tensor::empty({h, w}, {}, DType::u8);
  for (Index k = 0; k < n; ++k) {
    std::copy_n(images.pixels() + k * h * w, h * w, image.pixels());
    light.first += data::has_light_background(image) ? 1 : 0;
    for (Index i = 0; i < h * w; ++i) image.pixels()[i] = static_cast<std::uint8_t>(255 - image.pixels()[i]);
    light.second += data::has_light_background(image) ? 1 : 0;
  }
  return light;
}

}  // namespace

BOOST_AUTO_TEST_CASE(the_border_decides) {
  const auto light = [](const Shape& shape, const std::vector<float>& values) {
    return data::has_light_background(Tensor::from_values(shape, values));
  };
  BOOST_TEST(light({3, 3}, {1, 1, 1, 1, 0, 1, 1, 1, 1}));
  BOOST_TEST(!light({3, 3}, {0, 0, 0, 0, 1, 0, 0, 0, 0}));
  BOOST_TEST(!light({1, 1, 3, 4}, {1, 1, 0, 0, 1, 1, 1, 0, 0, 0, 1, 1}));  // exactly a half
  BOOST_TEST(light({1, 1, 3, 4}, {1, 1, 0, 0, 1, 0, 0, 1, 0, 0, 1, 1}));
  BOOST_TEST(light({4, 1}, {1, 0, 1, 1}));
  BOOST_TEST(light({1, 4}, {1, 1, 0, 1}));
  BOOST_TEST(light({1, 1}, {0.6F}));
}

BOOST_AUTO_TEST_CASE(only_one_gray_picture_has_a_background) {
  BOOST_CHECK_THROW(data::has_light_background(Tensor()), ShapeError);
  BOOST_CHECK_THROW(data::has_light_background(Tensor::zeros({4})), ShapeError);
  BOOST_CHECK_THROW(data::has_light_background(Tensor::zeros({2, 3, 3})), ShapeError);
  BOOST_CHECK_THROW(data::has_light_background(Tensor::zeros({0, 3})), ShapeError);
  BOOST_CHECK_THROW(data::has_light_background(Tensor::zeros({3, 3}, {}, DType::i64)), ShapeError);
  BOOST_CHECK_THROW(data::has_light_background(Tensor::zeros({3, 3}, {}, DType::i32)), ShapeError);
}

BOOST_AUTO_TEST_CASE(is_never_wrong_on_the_fixtures) {
  const data::ImageSet set =
      data::load_fashion_mnist(std::filesystem::path(CNN_SOURCE_DIR) / "data" / "fixtures");
  BOOST_TEST((counted(set.train.images) == std::pair(0, 320)));
  BOOST_TEST((counted(set.test.images) == std::pair(0, 160)));
}

BOOST_AUTO_TEST_CASE(is_never_wrong_on_the_test_images,
                     *boost::unit_test::precondition(cnn::test::whole_data_set)) {
  BOOST_TEST((counted(data::load_fashion_mnist({}, data::Split::test).images) == std::pair(0, 10'000)));
}

BOOST_AUTO_TEST_SUITE_END()
