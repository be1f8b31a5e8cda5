// SPDX-License-Identifier: MIT
// Masks against what torch.nn.functional.dropout(torch.ones(...)) of PyTorch 2.15 gives after torch.manual_seed().
#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <string>

#include "common/core/check.hpp"
#include "common/ops/dropout.hpp"

using namespace cnn;

namespace {

std::string kept(const Tensor& mask, std::size_t count) {
  std::string text;
  for (const float value : mask.values().first(count)) text += value > 0 ? '1' : '0';
  return text;
}

Index kept_count(const Tensor& mask) {
  return std::ranges::count_if(mask.values(), [](float v) { return v > 0; });
}

/// The CRC-32 of zlib, over the bytes of the elements: a mask differs in no bit if it agrees.
std::uint32_t crc32(const Tensor& x) {
  std::uint32_t crc = ~0U;
  for (Index k = 0; k < x.size() * size_of(x.dtype()); ++k) {
    crc ^= static_cast<std::uint32_t>(x.bytes()[k]);
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ (crc % 2 == 0 ? 0U : 0xEDB88320U);
  }
  return ~crc;
}

float next_rand(Rng& rng) { return static_cast<float>(rng.draw() & 0xFFFFFF) * 0x1p-24F; }

}  // namespace

BOOST_AUTO_TEST_SUITE(dropout)

BOOST_AUTO_TEST_CASE(masks_are_those_of_pytorch) {
  Rng rng(5);
  const Tensor rows = ops::dropout_mask({4, 5}, 0.5, rng);
  BOOST_TEST(kept(rows, 20) == "01111000011101111100");
  BOOST_TEST(crc32(rows) == 0xeef9b343U);
  BOOST_TEST(next_rand(rng) == 0.5818747282028198F);

  rng = Rng(6);
  const Tensor images = ops::dropout_mask({2, 3, 4, 4}, 0.3, rng);
  BOOST_TEST(kept(images, 48) == "100111100011011011111001101101011001111100011110");
  BOOST_TEST(crc32(images) == 0xf028f885U);
  BOOST_TEST(next_rand(rng) == 0.9357849955558777F);

  rng = Rng(7);
  const Tensor wide = ops::dropout_mask({128, 4096}, 0.5, rng);  // AlexNet's
  BOOST_TEST(kept(wide, 48) == "110000100011111010100001000010010011110110111101");
  BOOST_TEST(kept_count(wide) == 262'320);
  BOOST_TEST(crc32(wide) == 0x2b294dafU);
  BOOST_TEST(next_rand(rng) == 0.9028636813163757F);

  rng = Rng(8);
  const Tensor other = ops::dropout_mask({128, 4096}, 0.2, rng);
  BOOST_TEST(kept_count(other) == 418'839);
  BOOST_TEST(crc32(other) == 0x28d2ff39U);
}

BOOST_AUTO_TEST_CASE(nothing_is_drawn_where_nothing_is_random) {
  Rng rng(3);
  BOOST_TEST(kept(ops::dropout_mask({5}, 0, rng), 5) == "11111");
  BOOST_TEST(kept(ops::dropout_mask({5}, 1, rng), 5) == "00000");
  BOOST_TEST(rng.draw() == Rng(3).draw());
}

BOOST_AUTO_TEST_CASE(kept_elements_are_scaled) {
  Rng rng(1);
  const Tensor mask = ops::dropout_mask({100}, 0.75, rng);
  for (const float value : mask.values()) BOOST_TEST((value == 0 || value == 4));
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
