// SPDX-License-Identifier: MIT
// Initial weights are those of PyTorch 2.15 to the last bit.
#include <boost/test/unit_test.hpp>

#include <bit>
#include <cstdint>

#include "common/nn/conv2d.hpp"
#include "common/nn/linear.hpp"
#include "common/nn/sequential.hpp"

using namespace cnn;

BOOST_AUTO_TEST_SUITE(init)

namespace {

/// FNV-1a over the bytes of all parameters.
std::uint64_t fingerprint(nn::Module& module, std::uint64_t hash = 0xcbf29ce484222325U) {
  for (const nn::Parameter* p : module.parameters()) {
    for (const float value : p->value.values()) {
      const auto bits = std::bit_cast<std::uint32_t>(value);
      for (unsigned shift = 0; shift < 32; shift += 8)
        hash = (hash ^ ((bits >> shift) & 0xffU)) * 0x100000001b3U;
    }
  }
  return hash;
}

template <typename Layer>
std::uint64_t fingerprint(Layer&& layer) {
  return fingerprint(static_cast<nn::Module&>(layer));
}

Rng seeded() { return Rng(123); }

}  // namespace

// torch.manual_seed(7); Conv2d(1, 6, 5), Conv2d(6, 16, 5), Linear(256, 120), Linear(120, 84), Linear(84, 10)
BOOST_AUTO_TEST_CASE(lenet) {
  Rng rng(7);
  nn::Sequential net{nn::Conv2d{1, 6, {.kernel = 5}, rng}, nn::Conv2d{6, 16, {.kernel = 5}, rng},
                     nn::Linear{256, 120, rng}, nn::Linear{120, 84, rng}, nn::Linear{84, 10, rng}};
  const std::vector<nn::Parameter*> p = net.parameters();
  BOOST_TEST(p[0]->value.values()[0] == 0.0139690163F);
  BOOST_TEST(p[0]->value.values()[1] == -0.120478727F);
  BOOST_TEST(p[1]->value.values()[0] == -0.0514967442F);
  BOOST_TEST(p[2]->value.values()[0] == -0.072978586F);
  BOOST_TEST(p[4]->value.values()[0] == 0.0188345015F);
  BOOST_TEST(p[9]->value.values()[9] == 0.000286526803F);
  BOOST_TEST(fingerprint(net) == 0x30dbac0a0e08d407U);
}

// torch.manual_seed(123) before each
BOOST_AUTO_TEST_CASE(single_layers) {
  Rng rng = seeded();
  BOOST_TEST(fingerprint(nn::Conv2d{3, 4, {.kernel = {2, 3}}, rng}) == 0x6cde5a7b6eb6775bU);
  rng = seeded();
  BOOST_TEST(fingerprint(nn::Conv2d{3, 8, {.kernel = 7, .bias = false}, rng}) == 0x1714ab2441c4643fU);
  rng = seeded();
  BOOST_TEST(fingerprint(nn::Conv2d{1, 5, {}, rng}) == 0xee5c5b23220b5ceaU);
  rng = seeded();
  BOOST_TEST(fingerprint(nn::Linear{7, 3, rng}) == 0x40208de3e92fe40cU);
  rng = seeded();
  BOOST_TEST(fingerprint(nn::Linear{10, 4, rng, {.bias = false}}) == 0xdca31829673b5300U);
}

// torch.manual_seed(99); [Linear(f, 2) for f in range(1, 601)]: the bound's last bit for many fan-ins
BOOST_AUTO_TEST_CASE(every_fan_in_up_to_600) {
  Rng rng(99);
  std::uint64_t hash = 0xcbf29ce484222325U;
  for (Index inputs = 1; inputs <= 600; ++inputs) {
    nn::Linear layer{inputs, 2, rng};
    hash = fingerprint(layer, hash);
  }
  BOOST_TEST(hash == 0xa0a2f39cbd37845U);
}

BOOST_AUTO_TEST_SUITE_END()
