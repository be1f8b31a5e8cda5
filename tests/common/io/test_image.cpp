// SPDX-License-Identifier: MIT
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <limits>

#include "common/core/check.hpp"
#include "common/io/image.hpp"
#include "tests/common/io/scratch.hpp"

using namespace cnn;
using namespace cnn::io;
using boost::test_tools::per_element;
using cnn::test::get;
using cnn::test::put;
using cnn::test::says;
using cnn::test::Scratch;

namespace {

const float not_a_number = std::numeric_limits<float>::quiet_NaN();
const float infinity = std::numeric_limits<float>::infinity();

Tensor floats(const Shape& shape, const std::vector<float>& values) {
  return Tensor::from_values(shape, values);
}

Tensor bytes(const Shape& shape, const std::vector<int>& values) {
  Tensor t = Tensor::empty(shape, {}, DType::u8);
  for (std::size_t i = 0; i < values.size(); ++i) t.pixels()[i] = static_cast<std::uint8_t>(values[i]);
  return t;
}

std::vector<int> levels(const Tensor& t) { return {t.pixels(), t.pixels() + t.size()}; }

/// What a picture looks like after writing and reading.
std::vector<int> there_and_back(const Tensor& image) {
  const Scratch scratch;
  write_png(scratch / "p.png", image);
  BOOST_TEST(scratch.listing() == "p.png");
  return levels(read_gray(scratch / "p.png"));
}

}  // namespace

BOOST_AUTO_TEST_SUITE(png)

BOOST_AUTO_TEST_CASE(gray_floats_are_rounded_and_clamped) {
  const Tensor image = floats({2, 4}, {0, 1, 0.5f, 0.25f, -3, 7, not_a_number, infinity});
  BOOST_TEST(there_and_back(image) == (std::vector<int>{0, 255, 128, 64, 0, 255, 0, 255}), per_element());
  BOOST_TEST(there_and_back(image.reshape({1, 2, 4})) == (std::vector<int>{0, 255, 128, 64, 0, 255, 0, 255}),
             per_element());
}

BOOST_AUTO_TEST_CASE(every_level_survives) {
  Tensor image = Tensor::empty({16, 16}, {}, DType::u8);
  for (int i = 0; i < 256; ++i) image.pixels()[i] = static_cast<std::uint8_t>(i);
  const Scratch scratch;
  write_png(scratch / "p.png", image);
  const Tensor back = read_gray(scratch / "p.png");
  BOOST_TEST((back.shape() == Shape{16, 16}));
  BOOST_TEST((back.dtype() == DType::u8));
  BOOST_TEST(levels(back) == levels(image), per_element());
}

BOOST_AUTO_TEST_CASE(colour_becomes_gray_as_in_pillow) {
  // red, green, blue, white: PIL.Image.convert("L") gives 76, 150, 29, 255
  const Tensor image = floats({3, 1, 4}, {1, 0, 0, 1, 0, 1, 0, 1, 0, 0, 1, 1});
  BOOST_TEST(there_and_back(image) == (std::vector<int>{76, 150, 29, 255}), per_element());
  BOOST_TEST(there_and_back(bytes({3, 1, 1}, {10, 20, 30})) == (std::vector<int>{18}), per_element());
}

BOOST_AUTO_TEST_CASE(strided_picture_is_written_without_the_gaps) {
  const Tensor batch = floats({3, 2, 1, 1}, {0, 1, 0.2f, 0, 0.4f, 1});
  const Tensor slice = batch.channels(0, 1).clone().reshape({3, 1, 1});
  BOOST_TEST(there_and_back(slice).size() == 1u);
}

BOOST_AUTO_TEST_CASE(tensors_that_are_no_picture_are_refused) {
  const Scratch scratch;
  for (const Shape& shape :
       {Shape{}, Shape{3}, Shape{2, 4, 4}, Shape{1, 1, 4, 4}, Shape{0, 4}, Shape{4, 0}}) {
    BOOST_CHECK_THROW(write_png(scratch / "p.png", Tensor::zeros(shape)), ShapeError);
  }
  BOOST_CHECK_THROW(write_png(scratch / "p.png", Tensor()), ShapeError);
  BOOST_CHECK_THROW(write_png(scratch / "p.png", Tensor::zeros({2, 2}, {}, DType::i64)), ShapeError);
  BOOST_TEST(scratch.listing().empty());
}

BOOST_AUTO_TEST_CASE(unwritable_place_is_named) {
  const Scratch scratch;
  BOOST_CHECK_EXCEPTION(write_png(scratch / "none/p.png", Tensor::zeros({2, 2})), DataError,
                        says({"none/p.png", "does not exist"}));
}

BOOST_AUTO_TEST_CASE(files_that_are_no_picture_are_named) {
  const Scratch scratch;
  put(scratch / "empty.png", "");
  put(scratch / "photo.jpg", "\xff\xd8\xff\xe0 JFIF and so on");
  BOOST_CHECK_EXCEPTION(read_gray(scratch / "empty.png"), DataError, says({"empty.png", "it is empty"}));
  BOOST_CHECK_EXCEPTION(read_gray(scratch / "photo.jpg"), DataError,
                        says({"photo.jpg", "the file is damaged"}));
  put(scratch / "moving.gif", "GIF89a and so on");
  put(scratch / "short.png", "\x89PN");
  BOOST_CHECK_EXCEPTION(read_gray(scratch / "moving.gif"), DataError,
                        says({"moving.gif", "neither a PNG nor a JPEG; convert it"}));
  BOOST_CHECK_EXCEPTION(read_gray(scratch / "short.png"), DataError, says({"neither a PNG nor a JPEG"}));
  BOOST_CHECK_EXCEPTION(read_gray(scratch / "none.png"), DataError, says({"no such file"}));
  BOOST_CHECK_EXCEPTION(read_gray(scratch.folder()), DataError, says({"it is a folder"}));
}

BOOST_AUTO_TEST_CASE(forged_size_is_refused_before_any_allocation) {
  const Scratch scratch;
  // A header that claims 2^31 - 1 by 2^31 - 1 pixels, with its right checksum.
  put(scratch / "p.png",
      std::string("\x89PNG\r\n\x1a\n\0\0\0\rIHDR\x7f\xff\xff\xff\x7f\xff\xff\xff\x08\0\0\0\0\xed\xed\xfe\x1b",
                  33) +
          std::string("\0\0\0\0IDAT\x35\xaf\x06\x1e", 12));
  BOOST_CHECK_THROW(read_gray(scratch / "p.png"), DataError);
}

BOOST_AUTO_TEST_CASE(every_truncation_is_an_error) {
  const Scratch scratch;
  write_png(scratch / "p.png", floats({3, 3}, {0, 1, 0, 1, 0, 1, 0, 1, 0.3f}));
  const std::string whole = get(scratch / "p.png");
  for (std::size_t length = 0; length < whole.size() - 12; ++length) {  // the last chunk holds no pixels
    put(scratch / "t.png", whole.substr(0, length));
    BOOST_CHECK_THROW(read_gray(scratch / "t.png"), DataError);
  }
}

BOOST_AUTO_TEST_CASE(every_flipped_bit_gives_a_picture_or_an_error) {
  const Scratch scratch;
  write_png(scratch / "p.png", floats({3, 3}, {0, 1, 0, 1, 0, 1, 0, 1, 0.3f}));
  const std::string whole = get(scratch / "p.png");
  int errors = 0;
  for (std::size_t bit = 0; bit < 8 * whole.size(); ++bit) {
    std::string damaged = whole;
    damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << bit % 8));
    put(scratch / "t.png", damaged);
    try {
      BOOST_TEST(read_gray(scratch / "t.png").size() == 9);
    } catch (const DataError&) {
      ++errors;
    }
  }
  BOOST_TEST(errors > 200);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(picture)

BOOST_AUTO_TEST_CASE(tiles_lie_row_by_row_with_gaps) {
  const Tensor images = floats({3, 1, 2}, {0, 1, 2, 4, 5, 9});
  const Tensor t =
      tile(images, {.columns = 2, .gap = 1, .scale = 1, .contrast = Contrast::none, .background = -1});
  BOOST_TEST((t.shape() == Shape{5, 7}));
  BOOST_TEST(t.values() == (std::vector<float>{-1, -1, -1, -1, -1, -1, -1,  //
                                               -1, 0,  1,  -1, 2,  4,  -1,  //
                                               -1, -1, -1, -1, -1, -1, -1,  //
                                               -1, 5,  9,  -1, -1, -1, -1,  //
                                               -1, -1, -1, -1, -1, -1, -1}),
             per_element());
}

BOOST_AUTO_TEST_CASE(contrast_is_per_tile_or_global) {
  const Tensor images = floats({2, 1, 3}, {0, 1, 2, 2, 3, 4});
  const TileOptions per_tile{.columns = 1, .gap = 0};
  BOOST_TEST(tile(images, per_tile).values() == (std::vector<float>{0, 0.5f, 1, 0, 0.5f, 1}), per_element());
  const TileOptions global{.columns = 1, .gap = 0, .contrast = Contrast::global};
  BOOST_TEST(tile(images, global).values() == (std::vector<float>{0, 0.25f, 0.5f, 0.5f, 0.75f, 1}),
             per_element());
}

BOOST_AUTO_TEST_CASE(constant_tile_is_black_and_strange_values_do_no_harm) {
  const Tensor images = floats({3, 1, 3}, {5, 5, 5, not_a_number, 0, 2, infinity, -infinity, 1});
  const Tensor t = tile(images, {.columns = 1, .gap = 0});
  const std::vector<float> v(t.values().begin(), t.values().end());
  BOOST_TEST(v[0] == 0);
  BOOST_TEST(v[2] == 0);
  BOOST_TEST(std::isnan(v[3]));
  BOOST_TEST(v[4] == 0);
  BOOST_TEST(v[5] == 1);
  BOOST_TEST(v[6] == 1);
  BOOST_TEST(v[7] == 0);
}

BOOST_AUTO_TEST_CASE(huge_values_do_not_overflow_the_contrast) {
  const float big = std::numeric_limits<float>::max();
  const Tensor t = tile(floats({1, 1, 3}, {-big, 0, big}), {.gap = 0});
  for (const float v : t.values()) BOOST_TEST((v >= 0 && v <= 1));
}

BOOST_AUTO_TEST_CASE(scale_and_square_layout) {
  const Tensor t = tile(Tensor::zeros({5, 1, 2, 3}), {.gap = 2, .scale = 4});
  BOOST_TEST((t.shape() == Shape{2 * (2 * 4 + 2) + 2, 3 * (3 * 4 + 2) + 2}));  // 3 columns, 2 rows
}

BOOST_AUTO_TEST_CASE(bytes_are_taken_as_shares_of_255) {
  const Tensor t = tile(bytes({1, 1, 2}, {0, 51}), {.gap = 0, .contrast = Contrast::none});
  BOOST_TEST(t.values() == (std::vector<float>{0, 0.2f}), per_element());
}

BOOST_AUTO_TEST_CASE(impossible_tiles_are_refused) {
  const Tensor ok = Tensor::zeros({2, 3, 3});
  BOOST_CHECK_THROW(tile(Tensor::zeros({3, 3})), ShapeError);
  BOOST_CHECK_THROW(tile(Tensor::zeros({2, 2, 3, 3})), ShapeError);
  BOOST_CHECK_THROW(tile(Tensor::zeros({0, 3, 3})), ShapeError);
  BOOST_CHECK_THROW(tile(Tensor()), ShapeError);
  BOOST_CHECK_THROW(tile(ok, {.columns = -1}), ShapeError);
  BOOST_CHECK_THROW(tile(ok, {.gap = -1}), ShapeError);
  BOOST_CHECK_THROW(tile(ok, {.scale = 0}), ShapeError);
  BOOST_CHECK_THROW(tile(ok, {.scale = 60'000}), ShapeError);
}

BOOST_AUTO_TEST_CASE(signed_values_are_blue_white_and_red) {
  const Tensor c = diverging(floats({1, 4}, {-2, 0, 2, not_a_number}));
  BOOST_TEST((c.shape() == Shape{3, 1, 4}));
  const auto v = c.values();
  BOOST_TEST(v[0] < v[8]);   // negative: more blue than red
  BOOST_TEST(v[2] > v[10]);  // positive: more red than blue
  for (const std::size_t channel : {0u, 4u, 8u}) {
    BOOST_TEST(v[channel + 1] == 1);
    BOOST_TEST(v[channel + 3] == 0);
  }
}

BOOST_AUTO_TEST_CASE(limit_sets_where_colour_is_full) {
  const Tensor at_limit = diverging(floats({1, 2}, {1, 5}), 1);
  BOOST_TEST(at_limit.values()[2] == at_limit.values()[3]);
  const Tensor all_zero = diverging(Tensor::zeros({2, 2}));
  for (const float v : all_zero.values()) BOOST_TEST(v == 1);
  BOOST_CHECK_THROW(diverging(Tensor::zeros({1, 2, 2})), ShapeError);
}

BOOST_AUTO_TEST_CASE(upscale_repeats_pixels) {
  BOOST_TEST(upscale(floats({1, 2}, {1, 2}), 2).values() == (std::vector<float>{1, 1, 2, 2, 1, 1, 2, 2}),
             per_element());
  const Tensor two = upscale(bytes({2, 1, 1}, {7, 9}), 2);
  BOOST_TEST((two.shape() == Shape{2, 2, 2}));
  BOOST_TEST(levels(two) == (std::vector<int>{7, 7, 7, 7, 9, 9, 9, 9}), per_element());
  BOOST_CHECK_THROW(upscale(Tensor::zeros({2, 2}), 0), ShapeError);
  BOOST_CHECK_THROW(upscale(Tensor::zeros({2}), 2), ShapeError);
  BOOST_CHECK_THROW(upscale(Tensor::zeros({2, 2}), 60'000), ShapeError);
}

BOOST_AUTO_TEST_SUITE_END()
