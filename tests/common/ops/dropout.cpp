// SPDX-License-Identifier: MIT
// Masks against what torch.nn.functional.dropout(torch.ones(...)) of PyTorch 2.15 gives after torch.manual_seed().
#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <string>

#include "common/core/check.hpp"
#include "common/ops/dropout.hpp"
#include "tests/support/backends.hpp"
#include "tests/support/close.hpp"
#include "tests/support/random_tensor.hpp"

using namespace cnn;

BOOST_AUTO_TEST_SUITE(dropout)

namespace {

std::string kept(const Tensor& mask, std::size_t count) {
  std::string text;
  for (std::size_t k = 0; k < count; ++k) text += mask.pixels()[k] == 1 ? '1' : '0';
  return text;
}

Index kept_count(const Tensor& mask) { return std::count(mask.pixels(), mask.pixels() + mask.size(), 1); }

/// The CRC-32 of zlib, over the bytes of the elements: a mask differs in no bit if it agrees.
std::uint32_t crc32(const Tensor& x) {
  std::uint32_t crc = ~0U;
  for (Index k = 0; k < x.size() * size_of(x.dtype()); ++k) {
    crc ^= static_cast<std::uint32_t>(x.bytes()[k]);
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ (crc % 2 == 0 ? 0U : 0xEDB88320U);
  }
  return ~crc;
}

/// What PyTorch calls the mask: 1 / (1 - p) where an element is kept.
Tensor factors(const Tensor& mask, double p) {
  Tensor ones = Tensor::empty(mask.shape());
  std::ranges::fill(ones.values(), 1.0F);
  return ops::dropout(ones, mask, p);
}

float next_rand(Rng& rng) { return static_cast<float>(rng.draw() & 0xFFFFFF) * 0x1p-24F; }

}  // namespace

BOOST_AUTO_TEST_CASE(masks_are_those_of_pytorch) {
  Rng rng(5);
  const Tensor rows = ops::dropout_mask({4, 5}, 0.5, rng);
  BOOST_TEST(kept(rows, 20) == "01111000011101111100");
  BOOST_TEST(crc32(factors(rows, 0.5)) == 0xeef9b343U);
  BOOST_TEST(next_rand(rng) == 0.5818747282028198F);

  rng = Rng(6);
  const Tensor images = ops::dropout_mask({2, 3, 4, 4}, 0.3, rng);
  BOOST_TEST(kept(images, 48) == "100111100011011011111001101101011001111100011110");
  BOOST_TEST(crc32(factors(images, 0.3)) == 0xf028f885U);
  BOOST_TEST(next_rand(rng) == 0.9357849955558777F);

  rng = Rng(7);
  const Tensor wide = ops::dropout_mask({128, 4096}, 0.5, rng);  // AlexNet's
  BOOST_TEST(kept(wide, 48) == "110000100011111010100001000010010011110110111101");
  BOOST_TEST(kept_count(wide) == 262'320);
  BOOST_TEST(crc32(factors(wide, 0.5)) == 0x2b294dafU);
  BOOST_TEST(next_rand(rng) == 0.9028636813163757F);

  rng = Rng(8);
  const Tensor other = ops::dropout_mask({128, 4096}, 0.2, rng);
  BOOST_TEST(kept_count(other) == 418'839);
  BOOST_TEST(crc32(factors(other, 0.2)) == 0x28d2ff39U);
}

BOOST_AUTO_TEST_CASE(nothing_is_drawn_where_nothing_is_random) {
  Rng rng(3);
  BOOST_TEST(kept(ops::dropout_mask({5}, 0, rng), 5) == "11111");
  BOOST_TEST(kept(ops::dropout_mask({5}, 1, rng), 5) == "00000");
  BOOST_TEST(rng.draw() == Rng(3).draw());
}

BOOST_DATA_TEST_CASE(kept_elements_are_scaled, test::backends(), backend) {
  const BackendScope scope(backend);
  Tensor mask = Tensor::empty({2, 3}, {}, DType::u8);
  const std::vector<std::uint8_t> kept{1, 0, 1, 0, 1, 1};
  std::ranges::copy(kept, mask.pixels());
  mask = test::on_device(mask);
  const Tensor x = test::on_device(Tensor::from_values({2, 3}, std::vector<float>{1, 2, 3, 4, -5, 6}));
  const Tensor expected = Tensor::from_values({2, 3}, std::vector<float>{4, 0, 12, 0, -20, 24});
  BOOST_TEST(test::tensors_close(ops::dropout(x, mask, 0.75), expected));
  Tensor y = x.clone();
  y = ops::dropout(std::move(y), mask, 0.75);
  BOOST_TEST(test::tensors_close(y, expected));
  BOOST_TEST(test::tensors_close(ops::dropout(x, mask, 0),
                                 Tensor::from_values({2, 3}, std::vector<float>{1, 0, 3, 0, -5, 6})));
  const Tensor nothing = test::on_device(Tensor::zeros({2, 3}, {}, DType::u8));
  BOOST_TEST(test::tensors_close(ops::dropout(x, nothing, 1), Tensor::zeros({2, 3})));
  BOOST_CHECK_THROW(ops::dropout(x, nothing.rows(0, 1), 0.5), ShapeError);
  BOOST_CHECK_THROW(ops::dropout(x, x, 0.5), StateError);  // the mask is bytes
}

BOOST_DATA_TEST_CASE(ranges_of_channels_are_dropped_where_they_are, test::backends(), backend) {
  const BackendScope scope(backend);
  Rng rng(1);
  const Shape shape{5, 2, 60, 70};  // an image is cut into two parts
  const Tensor mask = ops::dropout_mask(shape, 0.4, rng, default_device());
  const Tensor x = test::on_device(test::random_slice(shape, 2));
  BOOST_TEST(!x.is_dense());
  BOOST_TEST(test::tensors_close(ops::dropout(x, mask, 0.4), ops::dropout(x.clone(), mask, 0.4)));
}

BOOST_AUTO_TEST_CASE(what_is_no_probability_is_refused) {
  Rng rng(1);
  for (const double p : {-0.1, 1.5, std::numeric_limits<double>::quiet_NaN()}) {
    BOOST_CHECK_EXCEPTION(ops::dropout_mask({2}, p, rng), UsageError, [](const UsageError& e) {
      return std::string(e.what()).find("is not a probability; give 0 ... 1") != std::string::npos;
    });
  }
}

BOOST_AUTO_TEST_SUITE_END()
