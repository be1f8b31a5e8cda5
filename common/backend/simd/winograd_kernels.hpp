// SPDX-License-Identifier: MIT
#pragma once

// Included by kernels_<level>.cpp only, like gemm_kernels.hpp. The transforms of winograd_tile.hpp, a register holding one number
// of each of `width` channels.

#include <utility>

#include "common/backend/simd/kernels.hpp"
#include "common/backend/simd/vec.hpp"
#include "common/backend/simd/winograd_tile.hpp"

namespace cnn::simd {
namespace {

/// sum + matrix[i][j] in[j] + matrix[i][j + step] in[j + step] + ..., with factors known to the compiler: no multiplication by
/// 1, nothing at all for 0.
template <const auto& matrix, int i, int j, int step, bool empty, typename Vec>
[[gnu::always_inline]] inline Vec row_times(const Vec* in, const Vec& sum) {
  if constexpr (j >= matrix.columns) {
    return sum;
  } else {
    constexpr float factor = matrix.at[i][j];
    constexpr bool skip = factor == 0;
    Vec next = sum;
    if constexpr (!skip && empty) {
      next = factor == 1 ? in[j] : factor == -1 ? -in[j] : Vec(factor) * in[j];
    } else if constexpr (factor == 1) {
      next = sum + in[j];
    } else if constexpr (factor == -1) {
      next = sum - in[j];
    } else if constexpr (!skip) {
      next = multiply_add(Vec(factor), in[j], sum);
    }
    return row_times < matrix, i, j + step, step, empty && skip > (in, next);
  }
}

template <const auto& matrix, int i, int first, int step, typename Vec>
[[gnu::always_inline]] inline Vec row_times(const Vec* in) {
  return row_times<matrix, i, first, step, true>(in, Vec(0.0F));
}

/// out = M in, with one row of M for each point: 0, a, -a, ..., infinity. The rows of a and -a differ in the sign of every
/// second column only, so the two share their sums over even and over odd columns.
//! [to points]
template <const auto& matrix>
struct ToPoints {
  static constexpr int inputs = matrix.columns, outputs = matrix.rows;

  template <typename Vec>
  [[gnu::always_inline]] static void apply(const Vec* in, Vec* out) {
    out[0] = row_times<matrix, 0, 0, 1>(in);
    pairs(in, out, std::make_integer_sequence<int, outputs / 2 - 1>());
    out[outputs - 1] = row_times<matrix, outputs - 1, 0, 1>(in);
  }

  template <typename Vec, int... k>
  [[gnu::always_inline]] static void pairs(  // points a and -a
      const Vec* in, Vec* out, std::integer_sequence<int, k...>) {
    (pair<2 * k + 1>(in, out), ...);
  }

  template <int i, typename Vec>
  [[gnu::always_inline]] static void pair(const Vec* in, Vec* out) {
    const Vec even = row_times<matrix, i, 0, 2>(in);
    const Vec odd = row_times<matrix, i, 1, 2>(in);
    out[i] = even + odd;
    out[i + 1] = even - odd;
  }
};
//! [to points]

/// out = M^T in: the points a and -a enter by their sum where the power is even, by their difference where it is odd.
template <const auto& matrix>
struct FromPoints {
  static constexpr int inputs = matrix.rows, outputs = matrix.columns, terms = inputs / 2 + 1;

  /// M^T without the columns of the points -a.
  static constexpr Matrix<outputs, terms> half = [] {
    Matrix<outputs, terms> m{};
    for (int j = 0; j < outputs; ++j) {
      m.at[j][0] = matrix.at[0][j];
      for (int k = 1; k < terms; ++k) m.at[j][k] = matrix.at[2 * k - 1][j];
    }
    return m;
  }();

  template <typename Vec>
  [[gnu::always_inline]] static void apply(const Vec* in, Vec* out) {
    Vec even[terms], odd[terms];
    even[0] = odd[0] = in[0];
#pragma GCC unroll 8
    for (int k = 1; k < terms - 1; ++k) {
      even[k] = in[2 * k - 1] + in[2 * k];
      odd[k] = in[2 * k - 1] - in[2 * k];
    }
    even[terms - 1] = odd[terms - 1] = in[inputs - 1];
    rows(even, odd, out, std::make_integer_sequence<int, outputs>());
  }

  template <typename Vec, int... j>
  [[gnu::always_inline]] static void rows(const Vec* even, const Vec* odd, Vec* out,
                                          std::integer_sequence<int, j...>) {
    ((out[j] = row_times<half, j, 0, 1>(j % 2 == 0 ? even : odd)), ...);
  }
};

/// Transforms the columns of a tile, then the rows of what that gives.
template <typename Arch, typename Map>
void transform(float* out, Index out_row, Index out_column, const float* in, Index in_row, Index in_column) {
  using Vec = Floats<Arch>;
  Vec half[Map::outputs][Map::inputs];
  for (int j = 0; j < Map::inputs; ++j) {
    Vec column[Map::inputs], mapped[Map::outputs];
#pragma GCC unroll 8
    for (int i = 0; i < Map::inputs; ++i) column[i] = Vec::load_aligned(in + i * in_row + j * in_column);
    Map::apply(column, mapped);
#pragma GCC unroll 8
    for (int i = 0; i < Map::outputs; ++i) half[i][j] = mapped[i];
  }
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
  constexpr Index width = Arch::width;
  for (Index i = 0; i < rows; ++i)
    for (Index j = 0; j < columns; ++j, v += width)
      transform<Arch, Map>(v, Map::outputs * point_stride, point_stride,
                           image + (i * pitch + j) * step * width, pitch * width, width);
}

/// Points to tiles of an image.
template <typename Arch, typename Map>
void tiles_from_points(float* image, Index pitch, const float* v, Index point_stride, Index rows,
                       Index columns) {
  constexpr Index width = Arch::width;
  for (Index i = 0; i < rows; ++i)
    for (Index j = 0; j < columns; ++j, v += width)
      transform<Arch, Map>(image + (i * pitch + j) * Map::outputs * width, pitch * width, width, v,
                           Map::inputs * point_stride, point_stride);
}

template <typename Arch, typename Map>
void kernels_to_points(float* u, Index point_stride, Index step, const float* g, Index tap_step,
                       Index count) {
  constexpr Index taps = Map::inputs * Map::inputs * static_cast<Index>(Arch::width);
  for (Index k = 0; k < count; ++k)
    transform<Arch, Map>(u + k * step, Map::outputs * point_stride, point_stride, g + k * taps,
                         Map::inputs * tap_step, tap_step);
}

template <typename Arch, typename Map>
void kernels_from_points(float* g, const float* u, Index point_stride, Index count) {
  constexpr Index width = Arch::width, taps = Map::outputs * Map::outputs * width;
  for (Index k = 0; k < count; ++k)
    transform<Arch, Map>(g + k * taps, Map::outputs * width, width, u + k * width, Map::inputs * point_stride,
                         point_stride);
}

template <typename Arch, int m, int r, typename Points>
WinogradTile winograd_tile() {
  using F = ShortConvolution<m, r, Points>;
  return {.output = m,
          .kernel = r,
          .step = m,
          .window = F::t,
          .points = F::t,
          .input = tiles_to_points<Arch, ToPoints<F::bt>, m>,
          .gradient = tiles_to_points<Arch, ToPoints<F::a>, m>,
          .output_of = tiles_from_points<Arch, FromPoints<F::a>>,
          .kernel_points = kernels_to_points<Arch, ToPoints<F::g>>,
          .kernel_gradient = kernels_from_points<Arch, FromPoints<F::g>>};
}

}  // namespace
}  // namespace cnn::simd
