// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <random>
#include <span>
#include <string>
#include <vector>

#include "common/core/shape.hpp"

namespace cnn {

/// The generator behind every random number, the same on every backend: a 32-bit Mersenne Twister whose sequence is that of
/// PyTorch's CPU generator after `torch.manual_seed(seed)`.
class Rng {
 public:
  /// Starts the sequence of a seed.
  /// \param seed  any 64-bit number; as in PyTorch, only its low 32 bits are used
  explicit Rng(std::uint64_t seed) : engine_(static_cast<std::uint32_t>(seed)) {}

  /// \return the next draw, 0 ... 2^32 - 1
  std::uint32_t draw() { return static_cast<std::uint32_t>(engine_()); }

  /// \return two draws as one number, the first one the high half
  std::uint64_t draw64();

  /// Fills with numbers from U(low, high), one draw each, in memory order.
  /// \param values  what to fill
  /// \param low     lower end
  /// \param high    upper end
  void fill_uniform(std::span<float> values, float low, float high);

  /// Fills with numbers from N(mean, stddev) as `tensor.normal_()` does in PyTorch.
  /// \param values  what to fill; at least 16 elements are filled in blocks, fewer one by one, as PyTorch does
  /// \param mean    centre
  /// \param stddev  standard deviation
  void fill_normal(std::span<float> values, float mean, float stddev);

  /// \return the whole state as text, for a checkpoint
  std::string state() const;

  /// Takes up a sequence where state() left it.
  /// \param text  what state() returned
  /// \throws DataError  the text is not a generator's state
  void set_state(const std::string& text);

 private:
  double normal();  // one number from N(0, 1), for small tensors

  std::mt19937 engine_;
  double cached_normal_ = 0;
  bool has_cached_normal_ = false;
};

/// Order in which a shuffling loader visits n images in one epoch; draws two 64-bit numbers, as PyTorch's
/// `DataLoader(shuffle=True)` does (the first one is its workers' base seed, unused here).
/// \param rng    the main generator
/// \param count  number of images
/// \return       a permutation of 0 ... count - 1
std::vector<Index> shuffled_order(Rng& rng, Index count);

/// Draws the one 64-bit number that a pass over a loader *without* shuffling draws in PyTorch, and forgets it, so that
/// whatever is drawn afterwards agrees.
/// \param rng  the main generator
void draw_base_seed(Rng& rng);

}  // namespace cnn
