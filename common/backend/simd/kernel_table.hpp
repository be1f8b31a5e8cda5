// SPDX-License-Identifier: MIT
#pragma once

// Included by kernels_<level>.cpp only: everything here is compiled once for each instruction set.

#include "common/backend/simd/channel_kernels.hpp"
#include "common/backend/simd/gemm_kernels.hpp"
#include "common/backend/simd/winograd_kernels.hpp"
#include "common/backend/simd/winograd_strided_kernels.hpp"

namespace cnn::simd {
namespace {

/// A tile of a product has `rows` rows, and columns in `registers` registers.
template <typename Arch, int rows, int registers>
const Kernels& kernel_table() {
  static const Kernels table{.width = Arch::width,
                             .gemm = gemm_kernels<Arch, rows, registers>(),
                             .channels = channel_kernels<Arch>(),
                             .winograd_2x3 = winograd_tile<Arch, 2, 3, One>(),
                             .winograd_4x3 = winograd_tile<Arch, 4, 3, NearOne>(),
                             .winograd_6x3 = winograd_tile<Arch, 6, 3, AroundOne>(),
                             .winograd_4x5 = winograd_tile<Arch, 4, 5, AroundOne>(),
                             .strided_3x3 = strided_tile<Arch, 3, One>(),
                             .flipped_3x3 = flipped_strided_tile<Arch, 3, One>()};
  return table;
}

}  // namespace
}  // namespace cnn::simd
