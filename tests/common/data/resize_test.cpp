// SPDX-License-Identifier: MIT
#include "common/data/resize.hpp"

#include <zlib.h>

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <ostream>

#include "common/data/idx_reader.hpp"

// The expected numbers are Pillow's, printed by pillow_sums.py with Pillow 13.0.
BOOST_AUTO_TEST_SUITE(resize)

namespace {

using namespace cnn;
using Bytes = std::vector<std::uint8_t>;

/// An image whose pixel i is (67 i + 31) mod 256.
Tensor pattern(Index height, Index width) {
  Tensor image = Tensor::empty({1, height, width}, {}, DType::u8);
  for (Index i = 0; i < image.size(); ++i) image.pixels()[i] = static_cast<std::uint8_t>((67 * i + 31) % 256);
  return image;
}

Bytes resized(const Tensor& image, Index height, Index width) {
  const Tensor result = data::resize_bilinear(image, height, width);
  return {result.pixels(), result.pixels() + result.size()};
}

/// CRC-32 of Pillow's results for the 160 test images of data/fixtures.
struct PillowSum {
  Index height, width;
  unsigned long crc;
};
std::ostream& operator<<(std::ostream& out, const PillowSum& sum) {
  return out << sum.height << "x" << sum.width;
}

const std::vector<PillowSum> pillow_sums{
    {14, 14, 0xab5c7360}, {20, 20, 0x1b572d3f}, {27, 27, 0x5d661b40}, {29, 29, 0xe5ee541e},
    {33, 33, 0x30cce090}, {64, 64, 0x26d85c75}, {96, 96, 0x2cd05a32}, {224, 224, 0xeffe5242},
    {70, 5, 0x3ae8dff9},  {1, 1, 0xa32db0a4},
};

}  // namespace

BOOST_AUTO_TEST_CASE(enlarges_as_pillow) {
  const Bytes doubled{31,  48,  81,  98,   //
                      65,  82,  115, 132,  //
                      132, 149, 182, 199,  //
                      165, 182, 215, 232};
  BOOST_TEST(resized(pattern(2, 2), 4, 4) == doubled, boost::test_tools::per_element());
  const Bytes oblong{31,  58,  98, 138, 165,  //
                     132, 107, 71, 111, 138,  //
                     232, 156, 43, 83,  110};
  BOOST_TEST(resized(pattern(2, 3), 3, 5) == oblong, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(shrinks_as_pillow) {
  const Bytes shrunk{63, 144, 175,  //
                     87, 168, 77};
  BOOST_TEST(resized(pattern(5, 4), 2, 3) == shrunk, boost::test_tools::per_element());
}

BOOST_DATA_TEST_CASE(equals_pillow_on_real_images, boost::unit_test::data::make(pillow_sums), sum) {
  const Tensor images = data::read_idx_images(CNN_SOURCE_DIR "/data/fixtures/t10k-images-idx3-ubyte.gz");
  const Bytes pixels = resized(images, sum.height, sum.width);
  BOOST_TEST(pixels.size() == static_cast<std::size_t>(160 * sum.height * sum.width));
  BOOST_TEST(crc32(0, pixels.data(), static_cast<uInt>(pixels.size())) == sum.crc);
}

BOOST_AUTO_TEST_CASE(the_same_size_changes_nothing) {
  const Tensor image = pattern(5, 7);
  BOOST_TEST(resized(image, 5, 7) == Bytes(image.pixels(), image.pixels() + 35),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_flat_image_stays_flat) {
  Tensor image = Tensor::empty({1, 3, 3}, {}, DType::u8);
  std::fill(image.pixels(), image.pixels() + 9, std::uint8_t{255});
  for (const Index side : {1, 2, 4, 50}) {
    BOOST_TEST(resized(image, side, side) == Bytes(static_cast<std::size_t>(side * side), 255),
               boost::test_tools::per_element());
  }
}

BOOST_AUTO_TEST_CASE(refuses_wrong_arguments) {
  BOOST_CHECK_THROW(data::resize_bilinear(pattern(2, 2), 0, 3), UsageError);
  BOOST_CHECK_THROW(data::resize_bilinear(pattern(2, 2), 3, -1), UsageError);
  BOOST_CHECK_THROW(data::resize_bilinear(pattern(2, 2), 3, 100000), UsageError);
  BOOST_CHECK_THROW(data::resize_bilinear(Tensor::zeros({1, 2, 2}), 3, 3), ShapeError);
  BOOST_CHECK_THROW(data::resize_bilinear(Tensor::zeros({2, 2}, {}, DType::u8), 3, 3), ShapeError);
}

BOOST_AUTO_TEST_SUITE_END()
