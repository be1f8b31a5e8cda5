// SPDX-License-Identifier: MIT
#pragma once

// Included by kernels_<level>.cpp only, like gemm_kernels.hpp.

#include "common/backend/simd/vec.hpp"

namespace cnn::simd {
namespace {

/// A tile's sums begin. The loops are unrolled, here and where sums are stored, for only then the array never lies in memory.
template <typename Vec, int rows, int vectors>
[[gnu::always_inline]] inline void set_to_zero(Vec (&sum)[rows][vectors]) {
#pragma GCC unroll 16
  for (int i = 0; i < rows; ++i)
#pragma GCC unroll 8
    for (int j = 0; j < vectors; ++j) sum[i][j] = Vec(0.0F);
}

/// One step of every tile. All of it stays in registers.
//! [add products]
template <typename Vec, int rows, int vectors, typename A>
[[gnu::always_inline]] inline void add_products(  // sum[i][j] += a(i) b[j]
    Vec (&sum)[rows][vectors], const Vec (&b)[vectors], const A& a) {
#pragma GCC unroll 16
  for (int i = 0; i < rows; ++i) {
    const Vec ai = a(i);
#pragma GCC unroll 8
    for (int j = 0; j < vectors; ++j) sum[i][j] = multiply_add(ai, b[j], sum[i][j]);
  }
}
//! [add products]

}  // namespace
}  // namespace cnn::simd
