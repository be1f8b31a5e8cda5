// SPDX-License-Identifier: MIT
#pragma once

#include "common/backend/cuda/launch.hpp"
#include "common/backend/cuda/product.hpp"

namespace cnn::cuda {

/// First rung: a thread for each element of C, and all of its operands from the memory of the device.
///
/// Neighbouring threads of a warp take neighbouring columns. So what they read of B lies side by side (*coalesced*: one transaction
/// fetches it for many of them), what they read of A is one number for all, and what they write lies side by side again.
/// A multiplication and an addition for two numbers of four bytes: 0.25 FLOP per byte loaded.
//! [kernel]
template <typename P>
__global__ void __launch_bounds__(256) multiply_naive(const __grid_constant__ P p) {
  const int m = static_cast<int>(blockIdx.y * blockDim.y + threadIdx.y);
  const int n = static_cast<int>(blockIdx.x * blockDim.x + threadIdx.x);
  const int slice = static_cast<int>(blockIdx.z);
  if (m >= p.a.lines || n >= p.b.lines) return;
  const auto row = p.a.line(m);
  const auto column = p.b.line(n);
  const Range range = p.slices.range(slice);
  float sum = 0;
  for (int k = range.first; k < range.last; ++k)
    sum += element(p.a, row, p.a.step(k)) * element(p.b, column, p.b.step(k));
  p.c.write(slice, m, n, sum);
}
//! [kernel]

/// \param p  a product
template <typename P>
void launch_naive(const P& p) {
  const dim3 block(32, 8);
  launch(
      multiply_naive<P>,
      {.grid = dim3(ceil_div(p.b.lines, 32), ceil_div(p.a.lines, 8), static_cast<unsigned>(p.slices.count())),
       .block = block},
      p);
}

}  // namespace cnn::cuda
