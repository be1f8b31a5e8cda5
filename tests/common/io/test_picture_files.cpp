// SPDX-License-Identifier: MIT

// Pictures of every kind, against what Pillow sees in them (tools/picture_fixtures.py), and damaged ones.

#include <algorithm>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <cstdlib>

#include "common/core/check.hpp"
#include "common/io/image.hpp"
#include "common/io/safetensors.hpp"
#include "tests/common/io/scratch.hpp"

using namespace cnn;
using namespace cnn::io;
using boost::test_tools::per_element;
using cnn::test::get;
using cnn::test::put;
using cnn::test::says;
using cnn::test::Scratch;
namespace data = boost::unit_test::data;

BOOST_AUTO_TEST_SUITE(picture_files)

namespace {

const std::filesystem::path fixtures =
    std::filesystem::path(CNN_SOURCE_DIR) / "tests" / "fixtures" / "pictures";

/// Names of the files, and the gray values Pillow reads from them.
const NamedTensors& pillow() {
  static const NamedTensors tensors = load_safetensors(fixtures / "gray.safetensors").tensors;
  return tensors;
}

std::vector<std::string> names() {
  std::vector<std::string> result;
  for (const auto& [name, tensor] : pillow()) result.push_back(name);
  return result;
}

const Tensor& expected_of(const std::string& name) {
  return std::find_if(pillow().begin(), pillow().end(), [&](const auto& t) { return t.first == name; })
      ->second;
}

std::vector<int> levels(const Tensor& t) { return {t.pixels(), t.pixels() + t.size()}; }

}  // namespace

BOOST_AUTO_TEST_CASE(there_are_fifty_png_and_some_jpeg) {
  const auto count = [](const char* ending) {
    const std::vector<std::string> all = names();
    return std::count_if(all.begin(), all.end(),
                         [&](const std::string& name) { return name.ends_with(ending); });
  };
  BOOST_TEST(count(".png") >= 50);
  BOOST_TEST(count(".jpg") >= 10);
}

BOOST_DATA_TEST_CASE(equals_pillow_to_one_level, data::make(names()), name) {
  const Tensor gray = read_gray(fixtures / name);
  const Tensor& expected = expected_of(name);
  BOOST_REQUIRE((gray.shape() == expected.shape()));
  int largest = 0;
  for (Index i = 0; i < gray.size(); ++i)
    largest = std::max(largest, std::abs(int{gray.pixels()[i]} - int{expected.pixels()[i]}));
  BOOST_TEST(largest <= 1);
}

BOOST_AUTO_TEST_CASE(half_transparent_pixels_are_not_mixed_in_linear_light) {
  const std::vector<int> gray = levels(read_gray(fixtures / "half_transparent.png"));
  BOOST_TEST(std::vector<int>(gray.begin(), gray.begin() + 3) == (std::vector<int>{128, 64, 100}),
             per_element());
}

BOOST_AUTO_TEST_CASE(a_picture_has_three_channels_if_a_pixel_is_coloured) {
  BOOST_TEST(read_picture(fixtures / "rgb_8.png").pixels.shape()[0] == 3);
  BOOST_TEST(read_picture(fixtures / "colour_444.jpg").pixels.shape()[0] == 3);
  BOOST_TEST(read_picture(fixtures / "gray_4.png").pixels.shape()[0] == 1);
  BOOST_TEST(read_picture(fixtures / "gray_noise.jpg").pixels.shape()[0] == 1);
  BOOST_TEST(read_picture(fixtures / "black_on_transparent.png").pixels.shape()[0] == 1);
  const Tensor colours = read_picture(fixtures / "rgb_8.png").pixels;
  BOOST_TEST(levels(to_gray(colours)) == levels(read_gray(fixtures / "rgb_8.png")), per_element());
}

BOOST_AUTO_TEST_CASE(gray_needs_a_picture) {
  BOOST_CHECK_THROW(to_gray(Tensor()), ShapeError);
  BOOST_CHECK_THROW(to_gray(Tensor::zeros({1, 2, 2})), ShapeError);
  BOOST_CHECK_THROW(to_gray(Tensor::zeros({2, 2, 2}, {}, DType::u8)), ShapeError);
  BOOST_CHECK_THROW(to_gray(Tensor::zeros({2, 2}, {}, DType::u8)), ShapeError);
}

BOOST_AUTO_TEST_CASE(dark_on_transparent_is_lost_in_black) {
  for (const std::string name : {"black", "dark_gray", "faint_white", "nothing"})
    BOOST_TEST(read_picture(fixtures / (name + "_on_transparent.png")).lost_in_black, name);
  BOOST_TEST(!read_picture(fixtures / "light_on_transparent.png").lost_in_black);
  BOOST_TEST(!read_picture(fixtures / "half_transparent.png").lost_in_black);
  BOOST_TEST(!read_picture(fixtures / "rgba_8.png").lost_in_black);
  const Scratch scratch;
  write_png(scratch / "black.png", Tensor::zeros({4, 4}));  // black, but not by its transparency
  BOOST_TEST(!read_picture(scratch / "black.png").lost_in_black);
}

BOOST_AUTO_TEST_CASE(jpeg_cut_off_is_an_error) {
  const Scratch scratch;
  for (const char* name : {"colour_420.jpg", "progressive.jpg", "ink.jpg"}) {
    const std::string whole = get(fixtures / name);
    for (std::size_t length = 3; length < whole.size() - 40; length += 7) {  // the last bytes hold few pixels
      put(scratch / "cut.jpg", whole.substr(0, length));
      BOOST_CHECK_EXCEPTION(read_picture(scratch / "cut.jpg"), DataError,
                            says({"cut.jpg", "the file is damaged, get it again"}));
    }
  }
}

BOOST_AUTO_TEST_CASE(every_flipped_bit_of_a_jpeg_gives_a_picture_or_an_error) {
  const Scratch scratch;
  const std::string whole = get(fixtures / "colour_420.jpg");
  int errors = 0;
  for (std::size_t bit = 0; bit < 8 * whole.size(); bit += 3) {
    std::string damaged = whole;
    damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << bit % 8));
    put(scratch / "t.jpg", damaged);
    try {
      BOOST_TEST(read_picture(scratch / "t.jpg").pixels.size() > 0);
    } catch (const DataError&) {
      ++errors;
    }
  }
  BOOST_TEST(errors > 100);
}

BOOST_AUTO_TEST_CASE(jpeg_that_claims_too_many_pixels_is_refused) {
  const Scratch scratch;
  std::string file = get(fixtures / "gray.jpg");
  const std::size_t frame = file.find("\xff\xc0");
  BOOST_REQUIRE(frame != std::string::npos);
  file.replace(frame + 5, 4, "\x7f\xff\x7f\xff");  // height and width
  put(scratch / "t.jpg", file);
  BOOST_CHECK_EXCEPTION(read_picture(scratch / "t.jpg"), DataError, says({"32767 x 32767 pixels", "2^26"}));
}

BOOST_AUTO_TEST_SUITE_END()
