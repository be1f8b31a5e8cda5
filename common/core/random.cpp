// SPDX-License-Identifier: MIT
#include "common/core/random.hpp"

#include <cmath>
#include <iomanip>
#include <numbers>
#include <numeric>
#include <sstream>
#include <utility>

#include "common/core/check.hpp"

namespace cnn {
namespace {

constexpr std::uint32_t mask24 = (1U << 24) - 1;
constexpr std::uint64_t mask53 = (1ULL << 53) - 1;
constexpr std::uint64_t mask63 = (1ULL << 63) - 1;

float uniform_float(std::uint32_t draw) { return static_cast<float>(draw & mask24) * 0x1p-24F; }
double uniform_double(std::uint64_t draw) { return static_cast<double>(draw & mask53) * 0x1p-53; }

}  // namespace

std::uint64_t Rng::draw64() {
  const std::uint64_t high = draw();
  return (high << 32) | draw();
}

void Rng::fill_uniform(std::span<float> values, float low, float high) {
  for (float& value : values) value = std::fma(uniform_float(draw()), high - low, low);
}

double Rng::normal() {
  if (has_cached_normal_) {
    has_cached_normal_ = false;
    return cached_normal_;
  }
  // Box and Muller's transform of two uniform numbers into two normal ones.
  const double u1 = uniform_double(draw64());
  const double u2 = uniform_double(draw64());
  const double radius = std::sqrt(-2.0 * std::log1p(-u2));
  const double angle = 2.0 * std::numbers::pi * u1;
  cached_normal_ = radius * std::sin(angle);
  has_cached_normal_ = true;
  return radius * std::cos(angle);
}

void Rng::fill_normal(std::span<float> values, float mean, float stddev) {
  if (values.size() < 16) {
    for (float& value : values) value = static_cast<float>(normal() * stddev + mean);
    return;
  }
  for (float& value : values) value = uniform_float(draw());
  const auto transform_block = [&](float* block) {
    for (int k = 0; k < 8; ++k) {
      const float u1 = 1.0F - block[k];
      const float u2 = block[k + 8];
      const float radius = std::sqrt(-2.0F * std::log(u1));
      const float angle = 2.0F * std::numbers::pi_v<float> * u2;
      block[k] = radius * std::cos(angle) * stddev + mean;
      block[k + 8] = radius * std::sin(angle) * stddev + mean;
    }
  };
  const std::size_t whole = values.size() / 16 * 16;
  for (std::size_t first = 0; first < whole; first += 16) transform_block(values.data() + first);
  if (whole == values.size()) return;
  float* const tail = values.data() + values.size() - 16;  // PyTorch draws the last 16 anew
  for (int k = 0; k < 16; ++k) tail[k] = uniform_float(draw());
  transform_block(tail);
}

std::string Rng::state() const {
  std::ostringstream text;
  text << engine_ << ' ' << has_cached_normal_ << ' ' << std::hexfloat << cached_normal_;
  return text.str();
}

void Rng::set_state(const std::string& text) {
  std::istringstream in(text);
  std::mt19937 engine;
  bool has_cached = false;
  std::string cached;
  in >> engine >> has_cached >> cached;
  CNN_CHECK(!in.fail(), DataError,
            "[rng] the text is not the state of a generator; the checkpoint is damaged");
  engine_ = engine;
  has_cached_normal_ = has_cached;
  cached_normal_ = std::strtod(cached.c_str(), nullptr);
}

std::vector<Index> shuffled_order(Rng& rng, Index count) {
  draw_base_seed(rng);
  Rng shuffler(rng.draw64() & mask63);
  std::vector<Index> order(static_cast<std::size_t>(count));
  std::iota(order.begin(), order.end(), Index{0});
  for (Index i = 0; i + 1 < count; ++i) {
    const Index step = static_cast<Index>(shuffler.draw()) % (count - i);
    std::swap(order[static_cast<std::size_t>(i)], order[static_cast<std::size_t>(i + step)]);
  }
  return order;
}

void draw_base_seed(Rng& rng) { rng.draw64(); }

}  // namespace cnn
