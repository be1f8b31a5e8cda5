// SPDX-License-Identifier: MIT
#pragma once

// Included by kernels_<level>.cpp only, like gemm_kernels.hpp. Winograd's transforms for kernels of 3 that move by 2 pixels.
//
// Such a kernel meets every second pixel with its outer taps, and those between them with the middle one:
//
//     y_j = (d_2j g_0 + d_2j+2 g_2) + d_2j+1 g_1.
//
// The bracket is a correlation of stride 1 with two taps: m outputs take m + 1 products at the points of F(m, 2). The other term
// is a product for each output as it stands. Together 2 m + 1 instead of 3 m; along both axes 49 instead of 81 for m = 3.
//
// With respect to the input, pixels change roles. With a padding of 1, pixel 2j lies under the middle tap only, and pixel 2j + 1
// under the outer taps of two neighbours:
//
//     dx_2j = dy_j g_1,     dx_2j+1 = dy_j g_2 + dy_j+1 g_0.

#include "common/backend/simd/vec.hpp"
#include "common/backend/simd/winograd_kernels.hpp"

namespace cnn::simd {
namespace {

/// The maps of m outputs: first the m + 1 points of F(m, 2), then m numbers that are multiplied as they stand.
//! [stride 2]
template <int m, typename PointValues>
struct StrideTwo {
  using F = ShortConvolution<m, 2, PointValues>;
  static constexpr int outer = m + 1, points = outer + m;

  /// B^T: pixels d_0 ... d_2m.
  struct Input {
    static constexpr int inputs = 2 * m + 1, outputs = points;
    template <typename Vec>
    [[gnu::always_inline]] static void apply(const Vec* d, Vec* v) {
      Vec even[outer];
#pragma GCC unroll 8
      for (int k = 0; k < outer; ++k) even[k] = d[2 * k];
      ToPoints<F::bt>::apply(even, v);
#pragma GCC unroll 8
      for (int k = 0; k < m; ++k) v[outer + k] = d[2 * k + 1];
    }
  };

  /// G: taps g_0, g_1, g_2.
  struct Kernel {
    static constexpr int inputs = 3, outputs = points;
    template <typename Vec>
    [[gnu::always_inline]] static void apply(const Vec* g, Vec* u) {
      const Vec ends[2] = {g[0], g[2]};
      ToPoints<F::g>::apply(ends, u);
#pragma GCC unroll 8
      for (int k = 0; k < m; ++k) u[outer + k] = g[1];
    }
  };

  /// A^T: outputs y_0 ... y_m-1.
  struct Output {
    static constexpr int inputs = points, outputs = m;
    template <typename Vec>
    [[gnu::always_inline]] static void apply(const Vec* v, Vec* y) {
      FromPoints<F::a>::apply(v, y);
#pragma GCC unroll 8
      for (int k = 0; k < m; ++k) y[k] = y[k] + v[outer + k];
    }
  };

  /// The points of a matrix of F(m, 2), and the first m numbers as they are.
  template <const auto& matrix>
  struct PointsAndNumbers {
    static constexpr int inputs = matrix.columns, outputs = points;
    template <typename Vec>
    [[gnu::always_inline]] static void apply(const Vec* in, Vec* out) {
      ToPoints<matrix>::apply(in, out);
#pragma GCC unroll 8
      for (int k = 0; k < m; ++k) out[outer + k] = in[k];
    }
  };

  /// A: gradients of the outputs.
  using OutputGradient = PointsAndNumbers<F::a>;

  /// G^T: gradients of the taps.
  struct KernelGradient {
    static constexpr int inputs = points, outputs = 3;
    template <typename Vec>
    [[gnu::always_inline]] static void apply(const Vec* u, Vec* dg) {
      Vec ends[2];
      FromPoints<F::g>::apply(u, ends);
      dg[0] = ends[0], dg[1] = u[outer], dg[2] = ends[1];
#pragma GCC unroll 8
      for (int k = 1; k < m; ++k) dg[1] = dg[1] + u[outer + k];
    }
  };

  /// For the gradient of the input: dy_0 ... dy_m.
  using TurnedInput = PointsAndNumbers<F::bt>;

  /// Its pixels dx_0 ... dx_2m-1.
  struct TurnedOutput {
    static constexpr int inputs = points, outputs = 2 * m;
    template <typename Vec>
    [[gnu::always_inline]] static void apply(const Vec* v, Vec* dx) {
      Vec odd[m];
      FromPoints<F::a>::apply(v, odd);
#pragma GCC unroll 8
      for (int k = 0; k < m; ++k) dx[2 * k] = v[outer + k], dx[2 * k + 1] = odd[k];
    }
  };
};
//! [stride 2]

template <typename Arch, int m, typename PointValues>
WinogradTile strided_tile() {
  using F = StrideTwo<m, PointValues>;
  return {.output = m,
          .kernel = 3,
          .step = 2 * m,
          .window = 2 * m + 1,
          .points = F::points,
          .input = tiles_to_points<Arch, typename F::Input, 2 * m>,
          .gradient = tiles_to_points<Arch, typename F::OutputGradient, m>,
          .output_of = tiles_from_points<Arch, typename F::Output>,
          .kernel_points = kernels_to_points<Arch, typename F::Kernel>,
          .kernel_gradient = kernels_from_points<Arch, typename F::KernelGradient>};
}

template <typename Arch, int m, typename PointValues>
WinogradTile flipped_strided_tile() {
  using F = StrideTwo<m, PointValues>;
  return {.output = 2 * m,
          .kernel = 3,
          .step = m,
          .window = m + 1,
          .points = F::points,
          .input = tiles_to_points<Arch, typename F::TurnedInput, m>,
          .gradient = nullptr,
          .output_of = tiles_from_points<Arch, typename F::TurnedOutput>,
          .kernel_points = kernels_to_points<Arch, typename F::Kernel>,
          .kernel_gradient = nullptr};
}

}  // namespace
}  // namespace cnn::simd
