// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <limits>

#include "common/core/check.hpp"
#include "common/tensor/tensor.hpp"

namespace cnn::cuda {

/// \param data    first element
/// \param stride  elements from one line to the next
/// \return        whether elements 0, 4, 8, ... of all lines are aligned for a float4
inline bool in_quads(const float* data, Index stride) {
  return stride % 4 == 0 && reinterpret_cast<std::uintptr_t>(data) % 16 == 0;
}

/// \param x  a tensor
/// \return   its first element; null if there is none, as in the part of a small batch that a process has
inline const float* first_of(const Tensor& x) { return x.size() == 0 ? nullptr : x.data(); }

/// Kernels count in 32 bits: 64 take several instructions.
/// \param size  a number
/// \return      the same number
/// \throws DeviceError  it is larger than 2^31 - 1
inline int to_int32(Index size) {
  CNN_CHECK(size <= std::numeric_limits<int>::max(), DeviceError,
            "[cuda] a layer counts " + std::to_string(size) +
                " numbers, more than its kernels can; use smaller batches");
  return static_cast<int>(size);
}

}  // namespace cnn::cuda
