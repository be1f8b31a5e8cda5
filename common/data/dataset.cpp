// SPDX-License-Identifier: MIT
#include "common/data/dataset.hpp"

#include <algorithm>
#include <vector>

#include "common/core/random.hpp"

namespace cnn::data {
namespace {

constexpr Index cells = 7;  // a pattern is 7 x 7 squares
constexpr std::uint64_t pattern_seed = 20170825;

std::vector<bool> draw_patterns(Index classes) {
  Rng rng(pattern_seed);
  std::vector<bool> bright(static_cast<std::size_t>(classes * cells * cells));
  for (std::size_t i = 0; i < bright.size(); ++i) bright[i] = (rng.draw() >> 31) != 0;
  return bright;
}

}  // namespace

Dataset Dataset::first(Index count) const {
  CNN_CHECK(count >= 0, UsageError,
            "[dataset] " + std::to_string(count) + " images asked for; give 0 or more");
  const Index kept = std::min(count, size());
  return {images.rows(0, kept), labels.rows(0, kept)};
}

Dataset synthetic(Index count, Index side, Index classes, std::uint64_t seed) {
  CNN_CHECK(count >= 1 && side >= 1 && classes >= 1, UsageError,
            "[synthetic] " + std::to_string(count) + " images of " + std::to_string(side) + " pixels in " +
                std::to_string(classes) + " classes asked for; each number must be 1 or more");
  const std::vector<bool> bright = draw_patterns(classes);
  Dataset set{Tensor::empty({count, side, side}, {}, DType::u8), Tensor::empty({count}, {}, DType::i64)};
  Rng rng(seed);
  std::uint8_t* pixel = set.images.pixels();
  for (Index i = 0; i < count; ++i) {
    const Index label = i % classes;
    set.labels.labels()[i] = label;
    for (Index y = 0; y < side; ++y) {
      for (Index x = 0; x < side; ++x) {
        const Index cell = (label * cells + y * cells / side) * cells + x * cells / side;
        const std::uint32_t base = bright[static_cast<std::size_t>(cell)] ? 160 : 0;
        *pixel++ = static_cast<std::uint8_t>(base + rng.draw() % 96);
      }
    }
  }
  return set;
}

}  // namespace cnn::data
