// SPDX-License-Identifier: MIT
#pragma once

// Included by kernels_<level>.cpp only: all of it is compiled once for each instruction set, and nothing leaves the file.

#include <xsimd/xsimd.hpp>

#include "common/backend/simd/kernels.hpp"

namespace cnn::simd {
namespace {

//! [tile]
/// A tile of the result stays in rows x vectors registers while the two panels stream past: each step loads `vectors`
/// registers of b, spreads one number of a over a register, `rows` times, and does rows x vectors multiply-adds. With 4 x 3
/// (16 registers: 12 sums, 3 of b, 1 of a) that is 7 loads for 12 multiply-adds, and the multipliers never wait.
template <typename Arch, int rows, int vectors>
void multiply_tile(float* c, Index stride, const float* a, const float* b, Index depth, bool adds) {
  using Vec = xsimd::batch<float, Arch>;
  constexpr Index width = Vec::size;
  Vec sum[rows][vectors];
  for (int i = 0; i < rows; ++i)
    for (int j = 0; j < vectors; ++j) sum[i][j] = Vec(0.0F);
  for (Index k = 0; k < depth; ++k, a += rows, b += vectors * width) {
    Vec right[vectors];
#pragma GCC unroll 8
    for (int j = 0; j < vectors; ++j) right[j] = Vec::load_aligned(b + j * width);
#pragma GCC unroll 16
    for (int i = 0; i < rows; ++i) {
      const Vec left(a[i]);
#pragma GCC unroll 8
      for (int j = 0; j < vectors; ++j) sum[i][j] = xsimd::fma(left, right[j], sum[i][j]);
    }
  }
  for (int i = 0; i < rows; ++i, c += stride)
    for (int j = 0; j < vectors; ++j) {
      float* const out = c + j * width;
      (adds ? sum[i][j] + Vec::load_unaligned(out) : sum[i][j]).store_unaligned(out);
    }
}
//! [tile]

template <typename Arch, int rows, int vectors>
GemmKernels gemm_kernels() {
  return {.rows = rows,
          .columns = vectors * static_cast<Index>(xsimd::batch<float, Arch>::size),
          .multiply_tile = multiply_tile<Arch, rows, vectors>};
}

}  // namespace
}  // namespace cnn::simd
