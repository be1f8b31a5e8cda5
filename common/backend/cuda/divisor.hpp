// SPDX-License-Identifier: MIT
#pragma once

#include <cuda_runtime.h>

#include <cstdint>

namespace cnn::cuda {

/// Divides by a number that a kernel gets as an argument. A card has no instruction for that, and takes about twenty in its place;
/// with a factor that the host works out once a multiplication and a shift do.
///
/// n / d = floor(n (2^32 + f) / 2^(32 + s)) for n < 2^31, where s = ceil(log2 d) and f = floor(2^32 (2^s - d) / d) + 1.
/// See T. Granlund and P. Montgomery, "Division by invariant integers using multiplication" (1994).
struct Divisor {
  std::uint32_t divisor = 1;  ///< d
  std::uint32_t factor = 1;   ///< f
  std::uint32_t shift = 0;    ///< s

  Divisor() = default;
  /// \param d  positive
  template <typename Integer>
  explicit Divisor(Integer d) : divisor(static_cast<std::uint32_t>(d)) {
    while ((std::uint64_t{1} << shift) < divisor) ++shift;
    const std::uint64_t rest = (std::uint64_t{1} << shift) - divisor;
    factor = static_cast<std::uint32_t>((rest << 32) / divisor + 1);
  }

  /// \param n  0 ... 2^31 - 1
  /// \return   n / d
  __host__ __device__ int quotient(int n) const {
    const auto positive = static_cast<std::uint32_t>(n);
    const auto high = static_cast<std::uint32_t>((std::uint64_t{positive} * factor) >> 32);
    return static_cast<int>((high + positive) >> shift);
  }
  /// \param n         0 ... 2^31 - 1
  /// \param quotient  n / d
  /// \return          n % d
  __host__ __device__ int rest(int n, int quotient) const { return n - quotient * static_cast<int>(divisor); }
};

}  // namespace cnn::cuda
