// SPDX-License-Identifier: MIT
#pragma once

// Included by kernels_<level>.cpp only: all of it is compiled once for each instruction set, and nothing leaves the file.

#include "common/backend/simd/add_products.hpp"
#include "common/backend/simd/kernels.hpp"
#include "common/backend/simd/vec.hpp"

namespace cnn::simd {
namespace {

/// A tile of the result stays in rows x vectors registers while the two panels stream past: each step loads `vectors`
/// registers of b, spreads one number of a over a register, `rows` times, and does rows x vectors multiply-adds. With 4 x 3
/// (16 registers: 12 sums, 3 of b, 1 of a) that is 7 loads for 12 multiply-adds, and the multipliers never wait.
//! [tile]
template <typename Vec, int rows, int vectors>
[[gnu::always_inline]] inline void sum_panels(  // sum = a^T b
    Vec (&sum)[rows][vectors], const float* a, const float* b, Index depth) {
  constexpr Index width = Vec::size;
  for_each_sum(sum, [](Vec& s, int, int) { s = Vec(0.0F); });
  for (Index k = 0; k < depth; ++k, a += rows, b += vectors * width) {
    Vec right[vectors];
#pragma GCC unroll 8
    for (int j = 0; j < vectors; ++j) right[j] = Vec::load_aligned(b + j * width);
    add_products(sum, right, [a](int i) { return Vec(a[i]); });
  }
}

template <typename Arch, int rows, int vectors>
void multiply_tile(float* c, Index stride,  // row i begins at c + i * stride
                   const float* a, const float* b, Index depth, bool adds) {
  using Vec = Floats<Arch>;
  Vec sum[rows][vectors];
  sum_panels(sum, a, b, depth);
  for_each_sum(sum, [=](const Vec& s, int i, int j) {
    float* const to = c + i * stride + j * Vec::size;
    (adds ? s + Vec::load_unaligned(to) : s).store_unaligned(to);
  });
}
//! [tile]

/// The same, shard by shard of the depth. Each sum is added, in registers, to those that wait for it in the first-level cache, and
/// then waits there itself: a binary counter that is counted up, see join_waiting().
//! [tile by shards]
template <typename Arch, int rows, int vectors>
void multiply_tile_by_shards(float* c, Index stride, const float* a, const float* b, const Index* depths,
                             Index shards) {
  using Vec = Floats<Arch>;
  Vec waiting[3][rows][vectors];
  Index waits = 0;
  for (Index k = 0; k < shards; a += depths[k] * rows, b += depths[k] * vectors * Vec::size, ++k) {
    Vec sum[rows][vectors];
    sum_panels(sum, a, b, depths[k]);
    for (Index made = k + 1; made % 2 == 0; made /= 2) {
      --waits;
      for_each_sum(sum, [&](Vec& s, int i, int j) { s = waiting[waits][i][j] + s; });
    }
    for_each_sum(sum, [&](const Vec& s, int i, int j) { waiting[waits][i][j] = s; });
    ++waits;
  }
  for_each_sum(waiting[0],
               [=](const Vec& s, int i, int j) { s.store_unaligned(c + i * stride + j * Vec::size); });
}
//! [tile by shards]

/// The same tile without a panel of b: the pixels of a row that meet tap k are neighbours in the image, at x + offsets[k].
//! [direct]
template <typename Arch, int rows, int vectors, int more = 0>
void correlate_tile(const CorrelationTile& t) {
  using Vec = Floats<Arch>;
  constexpr Index width = Vec::size;
  Vec sum[rows + more][vectors];
  for_each_sum(sum, [](Vec& s, int, int) { s = Vec(0.0F); });
  const float *a = t.a, *next = t.next;  // the rows of two panels
  constexpr Index next_rows = more == 0 ? 0 : rows;
  for (Index k = 0; k < t.depth; ++k, a += rows, next += next_rows) {
    const float* const x = t.x + t.offsets[k];
    Vec right[vectors];
#pragma GCC unroll 8
    for (int j = 0; j < vectors; ++j) right[j] = Vec::load_unaligned(x + j * width);
    const auto left = [a, next](int i) { return i < rows ? a[i] : next[i - rows]; };
    add_products(sum, right, [&left](int i) { return Vec(left(i)); });
  }
  for_each_sum(sum, [&t](const Vec& s, int i, int j) {
    if (i >= t.rows) return;
    const Vec bias(t.bias == nullptr ? 0.0F : t.bias[i]);
    max(Vec(t.least), s + bias).store_unaligned(t.y + i * t.y_stride + j * width);
  });
}
//! [direct]

/// Where both matrices have the summed index along their rows, nothing needs to be packed: each step takes one register of
/// each of rows + vectors rows and does rows x vectors multiply-adds, one partial sum for each place in a register. They are
/// added up at the end, so the rows should be long.
template <typename Arch, int rows, int vectors>
void multiply_rows(float* c, const float* const* a, const float* const* b, Index depth) {
  using Vec = Floats<Arch>;
  constexpr Index width = Vec::size;
  Vec sum[rows][vectors];
  for_each_sum(sum, [](Vec& s, int, int) { s = Vec(0.0F); });
  Index k = 0;
  for (; k + width <= depth; k += width) {
    Vec right[vectors];
#pragma GCC unroll 8
    for (int j = 0; j < vectors; ++j) right[j] = Vec::load_unaligned(b[j] + k);
    add_products(sum, right, [a, k](int i) { return Vec::load_unaligned(a[i] + k); });
  }
  for (int i = 0; i < rows; ++i)
    for (int j = 0; j < vectors; ++j) {
      float total = sum_of_lanes(sum[i][j]);
      for (Index rest = k; rest < depth; ++rest) total += a[i][rest] * b[j][rest];
      c[i * vectors + j] = total;
    }
}

/// In whole registers: up to a register less one float is read and written behind the end.
template <typename Vec>
void copy_past_the_end(float* to, const float* from, Index length) {
  constexpr Index width = Vec::size;
  for (Index k = 0; k < length; k += width) Vec::load_unaligned(from + k).store_unaligned(to + k);
}

/// Reads and writes nothing outside: the last register overlaps the one before.
template <typename Vec>
void copy_exactly(float* to, const float* from, Index length) {
  constexpr Index width = Vec::size;
  if (length < width) {
    for (Index k = 0; k < length; ++k) to[k] = from[k];
    return;
  }
  for (Index k = 0; k + width < length; k += width) Vec::load_unaligned(from + k).store_unaligned(to + k);
  Vec::load_unaligned(from + length - width).store_unaligned(to + length - width);
}

/// One row of all panels after the other, run after run: memory is read along its rows. What a copy in whole registers writes
/// past the end of a run is overwritten by the next run or the next row of the panel; the last row is copied exactly.
//! [pack]
template <typename Arch, int vectors>
void pack_panels(float* panels, Index columns, const PanelSource& from) {
  using Vec = Floats<Arch>;
  constexpr Index width = Vec::size;
  for (Index k = 0; k < from.depth; ++k, panels += columns) {
    const float* const row = from.data + from.offsets[k];
    const bool has_slack = from.has_slack && k + 1 < from.depth;
    for (const Run* run = from.runs; run != from.runs + from.run_count; ++run) {
      float* const to = panels + run->to;
      const float* const pixels = row + run->offset;
      if (run->length == vectors * width) {  // a whole row of a panel
#pragma GCC unroll 8
        for (int j = 0; j < vectors; ++j)
          Vec::load_unaligned(pixels + j * width).store_unaligned(to + j * width);
      } else if (has_slack) {
        copy_past_the_end<Vec>(to, pixels, run->length);
      } else {
        copy_exactly<Vec>(to, pixels, run->length);
      }
    }
  }
}
//! [pack]

template <typename Arch, int rows, int vectors>
GemmKernels gemm_kernels() {
  return {.rows = rows,
          .columns = vectors * static_cast<Index>(Arch::width),
          .vectors = vectors,
          .multiply_tile = multiply_tile<Arch, rows, vectors>,
          .multiply_tile_by_shards = multiply_tile_by_shards<Arch, rows, vectors>,
          .correlate_tile = {correlate_tile<Arch, rows, 1>, correlate_tile<Arch, rows, 2>,
                             correlate_tile<Arch, rows, 3>},
          .correlate_taller = {correlate_tile<Arch, rows, 1, GemmKernels::more_rows>,
                               correlate_tile<Arch, rows, 2, GemmKernels::more_rows>},
          .multiply_rows = multiply_rows<Arch, rows, vectors>,
          .pack_panels = pack_panels<Arch, vectors>};
}

}  // namespace
}  // namespace cnn::simd
