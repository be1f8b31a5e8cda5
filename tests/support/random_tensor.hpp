// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <vector>

#include "common/core/random.hpp"
#include "common/tensor/tensor.hpp"

namespace cnn::test {

/// \param shape  sizes of the axes
/// \param seed   the same seed gives the same numbers
/// \return       a host tensor of numbers from U(-1, 1)
inline Tensor random_tensor(const Shape& shape, std::uint64_t seed) {
  Tensor x = Tensor::empty(shape);
  Rng rng(seed);
  rng.fill_uniform(x.values(), -1, 1);
  return x;
}

/// \param count  number of elements
/// \param seed   the same seed gives the same numbers
/// \return       numbers from U(-1, 1)
inline std::vector<double> random_doubles(Index count, std::uint64_t seed) {
  std::vector<double> values(static_cast<std::size_t>(count));
  Rng rng(seed);
  for (double& value : values) value = static_cast<double>(rng.draw()) * 0x1p-31 - 1;
  return values;
}

/// \param shape  [n, c, h, w]
/// \param seed   the same seed gives the same numbers
/// \return       as random_tensor(), but as channels 1 ... c of a tensor with c + 3 channels: strided
inline Tensor random_slice(const Shape& shape, std::uint64_t seed) {
  const Index c = shape[1];
  const Tensor whole = random_tensor({shape[0], c + 3, shape[2], shape[3]}, seed + 1);
  Tensor slice = whole.channels(1, c);
  slice.copy_from(random_tensor(shape, seed));
  return slice;
}

}  // namespace cnn::test
