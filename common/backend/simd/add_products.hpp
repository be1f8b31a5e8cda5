// SPDX-License-Identifier: MIT
#pragma once

// Included by kernels_<level>.cpp only, like gemm_kernels.hpp.

#include "common/backend/simd/vec.hpp"

namespace cnn::simd {
namespace {

//! [add products]
/// Visits the sums of a tile. Only where all loops over them are unrolled do they never lie in memory.
template <typename Vec, int rows, int vectors, typename Visit>
[[gnu::always_inline]] inline void for_each_sum(  // visit(sum[i][j], i, j)
    Vec (&sum)[rows][vectors], const Visit& visit) {
#pragma GCC unroll 16
  for (int i = 0; i < rows; ++i)
#pragma GCC unroll 8
    for (int j = 0; j < vectors; ++j) visit(sum[i][j], i, j);
}

/// One step of every tile.
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
