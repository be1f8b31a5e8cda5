// SPDX-License-Identifier: MIT
#pragma once

// Included by kernels_<level>.cpp only, like gemm_kernels.hpp.

#include "common/backend/simd/vec.hpp"

namespace cnn::simd {
namespace {

//! [add products]
/// sum[i][j] += left(i) right[j]: one step of every tile. All of it stays in registers.
template <typename Vec, int rows, int vectors, typename Left>
[[gnu::always_inline]] inline void add_products(Vec (&sum)[rows][vectors], const Vec (&right)[vectors],
                                                const Left& left) {
#pragma GCC unroll 16
  for (int i = 0; i < rows; ++i) {
    const Vec one = left(i);
#pragma GCC unroll 8
    for (int j = 0; j < vectors; ++j) sum[i][j] = multiply_add(one, right[j], sum[i][j]);
  }
}
//! [add products]

}  // namespace
}  // namespace cnn::simd
