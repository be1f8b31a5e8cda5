// SPDX-License-Identifier: MIT
#pragma once

// Included by kernels_<level>.cpp only, like gemm_kernels.hpp.
//
// Tensors keep the pixels of a channel beside each other. For Winograd's tiles, which are small and overlap, it is better to have
// the same pixel of `width` channels in one register: then every tile is treated alike, wherever it lies. These kernels turn
// images from one order to the other, and multiply matrices whose columns are such channels.

#include <utility>

#include "common/backend/simd/add_products.hpp"
#include "common/backend/simd/kernels.hpp"
#include "common/backend/simd/vec.hpp"

namespace cnn::simd {
namespace {

/// Seen as 2 x 2 blocks of size x size numbers, the matrix with the rows a and b changes its two outer blocks.
//! [transpose]
template <int size, typename Vec, int... lane>
[[gnu::always_inline]] inline void swap_blocks(  // rows of the matrix
    Vec& a, Vec& b, std::integer_sequence<int, lane...>) {
  constexpr int width = sizeof...(lane);
  const auto upper = __builtin_shufflevector(  // what is on the left
      a.data, b.data, ((lane & size) != 0 ? width + lane - size : lane)...);
  const auto lower = __builtin_shufflevector(  // on the right
      a.data, b.data, ((lane & size) != 0 ? width + lane : lane + size)...);
  a = Vec(upper), b = Vec(lower);
}

/// Of each four lanes, a0 b0 a1 b1 and a2 b2 a3 b3: one instruction each.
template <typename Vec, int... lane>
[[gnu::always_inline]] inline void interleave(  // a0 a1 a2 a3, b0 b1 b2 b3
    Vec& a, Vec& b, std::integer_sequence<int, lane...>) {
  constexpr int width = sizeof...(lane);
  const auto first = __builtin_shufflevector(  // a0 b0 a1 b1
      a.data, b.data, (lane % 2 * width + lane / 4 * 4 + lane % 4 / 2)...);
  const auto last = __builtin_shufflevector(  // a2 b2 a3 b3
      a.data, b.data, (lane % 2 * width + lane / 4 * 4 + lane % 4 / 2 + 2)...);
  a = Vec(first), b = Vec(last);
}

/// Transposes width x width numbers: blocks of 4 x 4, then swaps blocks of 4, of 8.
template <int size = 1, typename Vec>
[[gnu::always_inline]] inline void transpose(Vec* rows) {
  constexpr int width = Vec::size;
  constexpr auto lanes = std::make_integer_sequence<int, width>();
  if constexpr (size == 1) {
#pragma GCC unroll 16
    for (int i = 0; i < width; i += 4) {
      Vec* const r = rows + i;
      interleave(r[0], r[2], lanes);  // r0: a0 c0 a1 c1, r2: a2 c2 a3 c3
      interleave(r[1], r[3], lanes);  // r1: b0 d0 b1 d1, r3: b2 d2 b3 d3
      interleave(r[0], r[1], lanes);  // r0: a0 b0 c0 d0, r1: a1 b1 c1 d1
      interleave(r[2], r[3], lanes);
    }
    transpose<4>(rows);
  } else if constexpr (size < width) {
#pragma GCC unroll 16
    for (int i = 0; i < width; ++i)
      if ((i & size) == 0) swap_blocks<size>(rows[i], rows[i + size], lanes);
    transpose<2 * size>(rows);
  }
}
//! [transpose]

/// Where pixel after pixel lies in rows of `columns` with a gap behind each.
struct Cursor {
  Index offset, column;

  Cursor(Index pixel, Index pitch, Index columns)
      : offset(pixel / columns * pitch + pixel % columns), column(pixel % columns) {}
  void advance(Index pitch, Index columns) {
    ++offset;
    if (++column == columns) offset += pitch - columns, column = 0;
  }
};

template <typename Arch>
void to_lanes(float* to, Index pitch, Index columns, const float* from, Index stride, Index lanes,
              Index pixels) {
  using Vec = Floats<Arch>;
  constexpr Index width = Vec::size;
  for (Index first = 0; first < pixels && pixels >= width; first += width) {
    if (first + width > pixels) first = pixels - width;  // the last block overlaps the one before
    Vec block[width];
#pragma GCC unroll 16
    for (Index i = 0; i < width; ++i)
      block[i] = i < lanes ? Vec::load_unaligned(from + i * stride + first) : Vec(0.0F);
    transpose(block);
    Cursor at(first, pitch, columns);
#pragma GCC unroll 16
    for (Index i = 0; i < width; ++i, at.advance(pitch, columns))
      block[i].store_aligned(to + at.offset * width);
  }
  if (pixels >= width) return;
  Cursor at(0, pitch, columns);
  for (Index k = 0; k < pixels; ++k, at.advance(pitch, columns))
    for (Index i = 0; i < width; ++i) to[at.offset * width + i] = i < lanes ? from[i * stride + k] : 0.0F;
}

/// The larger of two numbers, in each place; NaN stays NaN.
template <typename Vec>
[[gnu::always_inline]] inline Vec at_least(Vec number, Vec least) {
  return select(number < least, least, number);
}

template <typename Arch>
void from_lanes(float* to, Index stride, Index lanes, const float* from, Index pitch, Index columns,
                Index pixels, const float* bias, float least) {
  using Vec = Floats<Arch>;
  constexpr Index width = Vec::size;
  for (Index first = 0; first < pixels && pixels >= width; first += width) {
    if (first + width > pixels) first = pixels - width;
    Vec block[width];
    Cursor at(first, pitch, columns);
#pragma GCC unroll 16
    for (Index i = 0; i < width; ++i, at.advance(pitch, columns))
      block[i] = Vec::load_aligned(from + at.offset * width);
    transpose(block);
#pragma GCC unroll 16
    for (Index i = 0; i < width; ++i)
      if (i < lanes) at_least(block[i] + Vec(bias[i]), Vec(least)).store_unaligned(to + i * stride + first);
  }
  if (pixels >= width) return;
  Cursor at(0, pitch, columns);
  for (Index k = 0; k < pixels; ++k, at.advance(pitch, columns))
    for (Index i = 0; i < lanes; ++i) {
      const float number = from[at.offset * width + i] + bias[i];
      to[i * stride + k] = number < least ? least : number;
    }
}

template <typename Arch>
void to_places(float* to, const Index* places, const float* from, Index stride, Index lanes, Index pixels) {
  using Vec = Floats<Arch>;
  constexpr Index width = Vec::size;
  for (Index first = 0; first < pixels && pixels >= width; first += width) {
    if (first + width > pixels) first = pixels - width;
    Vec block[width];
#pragma GCC unroll 16
    for (Index i = 0; i < width; ++i)
      block[i] = i < lanes ? Vec::load_unaligned(from + i * stride + first) : Vec(0.0F);
    transpose(block);
#pragma GCC unroll 16
    for (Index i = 0; i < width; ++i) block[i].store_aligned(to + places[first + i]);
  }
  if (pixels >= width) return;
  for (Index k = 0; k < pixels; ++k)
    for (Index i = 0; i < width; ++i) to[places[k] + i] = i < lanes ? from[i * stride + k] : 0.0F;
}

template <typename Arch>
void scale_pixels(float* x, Index pixels, const float* scale, const float* shift, float least) {
  using Vec = Floats<Arch>;
  const Vec factor = Vec::load_aligned(scale), term = Vec::load_aligned(shift);
  for (float* const end = x + pixels * Index{Vec::size}; x != end; x += Vec::size)
    at_least(Vec::load_aligned(x) * factor + term, Vec(least)).store_aligned(x);
}

template <typename Vec, int rows, int groups>
[[gnu::always_inline]] inline void store_sums(float* c, Index c_group, Vec (&sum)[rows][groups], bool adds) {
  for_each_sum(sum, [=](const Vec& s, int i, int j) {
    float* const out = c + j * c_group + i * Index{Vec::size};
    (adds ? s + Vec::load_aligned(out) : s).store_aligned(out);
  });
}

/// The tile of multiply_tile() in gemm_kernels.hpp, `rows` times `groups` registers of sums, for matrices that are not packed.
/// The sum runs over channels, in pieces of `width` that lie a_group apart.
template <typename Arch, int rows, int groups>
void multiply_block(float* c, const float* a, const ChannelProduct& p) {
  using Vec = Floats<Arch>;
  constexpr Index width = Vec::size;
  Vec sum[rows][groups];
  for_each_sum(sum, [](Vec& s, int, int) { s = Vec(0.0F); });
  const float* b = p.b;
  for (Index left = p.depth; left > 0; left -= width, a += p.a_group) {
    const float* at = a;
    for (Index k = left < width ? left : width; k > 0; --k, ++at, b += p.b_row) {
      Vec right[groups];
#pragma GCC unroll 8
      for (int j = 0; j < groups; ++j) right[j] = Vec::load_aligned(b + j * p.b_group);
      add_products(sum, right, [at](int i) { return Vec(at[i * width]); });
    }
  }
  store_sums(c, p.c_group, sum, p.adds);
}

/// The same tile where the sum runs over pixels, and the rows are `rows` of the channels in a register of a.
//! [sum of products]
template <typename Arch, int rows, int groups>
void sum_block(float* c, const float* a, const PixelProduct& p) {
  using Vec = Floats<Arch>;
  constexpr Index width = Vec::size;
  Vec sum[rows][groups];
  for_each_sum(sum, [](Vec& s, int, int) { s = Vec(0.0F); });
  const float* image = p.b;
  for (Index n = p.images; n > 0; --n, image += p.b_image) {
    const float* row = image;
    for (Index y = p.rows; y > 0; --y, row += p.b_row) {
      const float* b = row;
      for (Index x = p.columns; x > 0; --x, a += width, b += p.b_column) {
        Vec right[groups];
#pragma GCC unroll 8
        for (int j = 0; j < groups; ++j)  // one pixel
          right[j] = Vec::load_unaligned(b + j * p.b_group);
        add_products(sum, right, [a](int i) { return Vec(a[i]); });
      }
    }
  }
  store_sums(c, p.c_group, sum, p.adds);
}
//! [sum of products]

/// Rows of a tile with so many registers across: enough sums to keep both multipliers busy.
template <typename Arch, int groups>
constexpr int tile_rows() {
  constexpr int width = Arch::width;
  return groups == 1 ? width : width == 16 ? 8 : 4;
}

template <typename Arch, int groups>
void multiply(const ChannelProduct& p) {
  constexpr Index width = Arch::width;
  constexpr int rows = tile_rows<Arch, groups>();
  for (Index i = 0; i < p.rows; i += rows)
    multiply_block<Arch, rows, groups>(p.c + i * width, p.a + i * width, p);
}

template <typename Arch, int groups>
void sum_products(const PixelProduct& p) {
  constexpr Index width = Arch::width;
  constexpr int rows = tile_rows<Arch, groups>();
  for (Index i = 0; i < width; i += rows) sum_block<Arch, rows, groups>(p.c + i * width, p.a + i, p);
}

template <typename Arch>
void add_pixels(float* sums, const float* from, Index pixels) {
  using Vec = Floats<Arch>;
  constexpr Index width = Vec::size;
  Vec sum[4] = {Vec::load_aligned(sums), Vec(0.0F), Vec(0.0F), Vec(0.0F)};
  for (Index k = 0; k < pixels; ++k) sum[k % 4] = sum[k % 4] + Vec::load_aligned(from + k * width);
  ((sum[0] + sum[1]) + (sum[2] + sum[3])).store_aligned(sums);
}

template <typename Arch>
ChannelKernels channel_kernels() {
  return {.to_lanes = to_lanes<Arch>,
          .from_lanes = from_lanes<Arch>,
          .to_places = to_places<Arch>,
          .scale_pixels = scale_pixels<Arch>,
          .multiply = {multiply<Arch, 1>, multiply<Arch, 2>, multiply<Arch, 3>},
          .sum_products = {sum_products<Arch, 1>, sum_products<Arch, 2>, sum_products<Arch, 3>},
          .add_pixels = add_pixels<Arch>};
}

}  // namespace
}  // namespace cnn::simd
