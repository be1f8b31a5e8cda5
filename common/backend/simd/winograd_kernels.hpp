// SPDX-License-Identifier: MIT
#pragma once

// Included by kernels_<level>.cpp only, like gemm_kernels.hpp. The transforms of winograd_tile.hpp, a register holding one number
// of each of `width` channels.

#include <xsimd/xsimd.hpp>

#include "common/backend/simd/kernels.hpp"
#include "common/backend/simd/winograd_tile.hpp"

namespace cnn::simd {
namespace {

/// A sum of terms with factors known to the compiler: no multiplication by 1, nothing at all for 0.
template <typename Vec>
struct Sum {
  Vec value = Vec(0.0F);
  bool empty = true;

  void add(float factor, const Vec& x) {
    if (factor == 0) return;
    if (empty)
      value = factor == 1 ? x : Vec(factor) * x;
    else if (factor == 1)
      value += x;
    else if (factor == -1)
      value -= x;
    else
      value = xsimd::fma(Vec(factor), x, value);
    empty = false;
  }
};

//! [to points]
/// out = M in, with one row of M for each point. The rows of a and -a differ in the sign of every second column only, so the
/// two share their sums over even and odd columns.
template <const auto& matrix>
struct ToPoints {
  static constexpr int inputs = matrix.columns, outputs = matrix.rows;

  template <typename Vec>
  static void apply(const Vec* in, Vec* out) {
#pragma GCC unroll 8
    for (int i = 0; i < outputs; ++i) {
      Sum<Vec> even, odd;
#pragma GCC unroll 8
      for (int j = 0; j < inputs; j += 2) even.add(matrix.at[i][j], in[j]);
#pragma GCC unroll 8
      for (int j = 1; j < inputs; j += 2) odd.add(matrix.at[i][j], in[j]);
      if (i == 0 || i == outputs - 1) {
        out[i] = even.empty ? odd.value : odd.empty ? even.value : even.value + odd.value;
      } else {
        out[i] = even.value + odd.value;
        out[++i] = even.value - odd.value;
      }
    }
  }
};
//! [to points]

//! [from points]
/// out = M^T in: the points a and -a enter by their sum where the power is even, by their difference where it is odd.
template <const auto& matrix>
struct FromPoints {
  static constexpr int inputs = matrix.rows, outputs = matrix.columns;

  template <typename Vec>
  static void apply(const Vec* in, Vec* out) {
    constexpr int pairs = inputs / 2 - 1;
    Vec sum[pairs], difference[pairs];
#pragma GCC unroll 8
    for (int k = 0; k < pairs; ++k) {
      sum[k] = in[2 * k + 1] + in[2 * k + 2];
      difference[k] = in[2 * k + 1] - in[2 * k + 2];
    }
#pragma GCC unroll 8
    for (int j = 0; j < outputs; ++j) {
      Sum<Vec> total;
      total.add(matrix.at[0][j], in[0]);
#pragma GCC unroll 8
      for (int k = 0; k < pairs; ++k) total.add(matrix.at[2 * k + 1][j], j % 2 == 0 ? sum[k] : difference[k]);
      total.add(matrix.at[inputs - 1][j], in[inputs - 1]);
      out[j] = total.value;
    }
  }
};
//! [from points]

/// Transforms the columns of a tile, then the rows of what that gives.
template <typename Arch, typename Map>
void transform(float* out, Index out_row, Index out_column, const float* in, Index in_row, Index in_column) {
  using Vec = xsimd::batch<float, Arch>;
  Vec half[Map::outputs][Map::inputs];
#pragma GCC unroll 8
  for (int j = 0; j < Map::inputs; ++j) {
    Vec column[Map::inputs], mapped[Map::outputs];
#pragma GCC unroll 8
    for (int i = 0; i < Map::inputs; ++i) column[i] = Vec::load_aligned(in + i * in_row + j * in_column);
    Map::apply(column, mapped);
#pragma GCC unroll 8
    for (int i = 0; i < Map::outputs; ++i) half[i][j] = mapped[i];
  }
#pragma GCC unroll 8
  for (int i = 0; i < Map::outputs; ++i) {
    Vec mapped[Map::outputs];
    Map::apply(half[i], mapped);
#pragma GCC unroll 8
    for (int j = 0; j < Map::outputs; ++j) mapped[j].store_aligned(out + i * out_row + j * out_column);
  }
}

/// Tiles of an image to their points.
template <typename Arch, typename Map, int step>
void tiles_to_points(float* v, Index point_stride, const float* image, Index pitch, Index rows,
                     Index columns) {
  constexpr Index width = xsimd::batch<float, Arch>::size;
  for (Index i = 0; i < rows; ++i)
    for (Index j = 0; j < columns; ++j, v += width)
      transform<Arch, Map>(v, Map::outputs * point_stride, point_stride,
                           image + (i * pitch + j) * step * width, pitch * width, width);
}

/// Points to tiles of an image.
template <typename Arch, typename Map>
void tiles_from_points(float* image, Index pitch, const float* v, Index point_stride, Index rows,
                       Index columns) {
  constexpr Index width = xsimd::batch<float, Arch>::size;
  for (Index i = 0; i < rows; ++i)
    for (Index j = 0; j < columns; ++j, v += width)
      transform<Arch, Map>(image + (i * pitch + j) * Map::outputs * width, pitch * width, width, v,
                           Map::inputs * point_stride, point_stride);
}

template <typename Arch, typename Map>
void kernels_to_points(float* u, Index point_stride, Index step, const float* g, Index tap_step,
                       Index count) {
  constexpr Index taps = Map::inputs * Map::inputs * static_cast<Index>(xsimd::batch<float, Arch>::size);
  for (Index k = 0; k < count; ++k)
    transform<Arch, Map>(u + k * step, Map::outputs * point_stride, point_stride, g + k * taps,
                         Map::inputs * tap_step, tap_step);
}

template <typename Arch, typename Map>
void kernels_from_points(float* g, const float* u, Index point_stride, Index count) {
  constexpr Index width = xsimd::batch<float, Arch>::size, taps = Map::outputs * Map::outputs * width;
  for (Index k = 0; k < count; ++k)
    transform<Arch, Map>(g + k * taps, Map::outputs * width, width, u + k * width, Map::inputs * point_stride,
                         point_stride);
}

template <typename Arch, int m, int r, typename Points>
WinogradTile winograd_tile() {
  using F = ShortConvolution<m, r, Points>;
  return {.output = m,
          .kernel = r,
          .points = F::t,
          .input = tiles_to_points<Arch, ToPoints<F::bt>, m>,
          .gradient = tiles_to_points<Arch, ToPoints<F::a>, m>,
          .output_of = tiles_from_points<Arch, FromPoints<F::a>>,
          .kernel_points = kernels_to_points<Arch, ToPoints<F::g>>,
          .kernel_gradient = kernels_from_points<Arch, FromPoints<F::g>>};
}

}  // namespace
}  // namespace cnn::simd
