// SPDX-License-Identifier: MIT
#pragma once

// Included by unfused_<level>.cpp only, see there.

#include <limits>

#include "common/backend/simd/registers.hpp"
#include "common/backend/simd/unfused.hpp"

namespace cnn::simd {
namespace {

// A register holds neighbouring outputs, so it wants every sw-th pixel of a row. Rows are therefore split first: pixel q of the
// padded row goes to place q / sw of part q % sw. Then window column v of the outputs j, j + 1, ... is read at part v % sw,
// place v / sw + j, without gaps, whatever the stride:
//
//     padded row, sw = 2     - a b c d e f -          v = 0: part 0 from j     - b d
//     part 0                 - b d f                  v = 1: part 1 from j     a c e
//     part 1                 a c e -                  v = 2: part 0 from j + 1 b d f
//
// Window sizes known to the compiler (`kernel`, `stride`) make the common cases fast; 0 stands for any.

/// Writes the pixels of x into their places; those of the padding stay what they are.
template <int stride>
void split_rows(float* split, const float* x, const PoolSizes& s) {
  const Index sw = stride > 0 ? stride : s.sw;
  for (Index row = 0; row < s.ih; ++row, x += s.iw, split += sw * s.phase) {
    Index column = 0;
    for (; column < s.iw && (column + s.pw) % sw != 0; ++column)
      split[(column + s.pw) % sw * s.phase + (column + s.pw) / sw] = x[column];
    float* place = split + (column + s.pw) / sw;
    for (; column + sw <= s.iw; column += sw, ++place)
      for (Index part = 0; part < sw; ++part) place[part * s.phase] = x[column + part];
    for (Index part = 0; column < s.iw; ++column, ++part) place[part * s.phase] = x[column];
  }
}

/// Calls tap(pixels, position) for each pixel of window i, 0, row by row: where the outputs' pixels begin in the split rows,
/// and its place in the channel.
template <int kernel, int stride, typename Tap>
void for_each_tap(const float* split, Index i, const PoolSizes& s, const Tap& tap) {
  const Index kw = kernel > 0 ? kernel : s.kw;
  const Index sw = stride > 0 ? stride : s.sw;
  const Index start = i * s.sh - s.ph;
  const Index last = start + s.kh < s.ih ? start + s.kh : s.ih;
  for (Index row = start > 0 ? start : 0; row < last; ++row)
    for (Index v = 0; v < kw; ++v) tap(split + (row * sw + v % sw) * s.phase + v / sw, row * s.iw + v - s.pw);
}

/// 0, step, 2 step, ...
template <typename Arch>
Ints<Arch> steps(Index step) {
  std::int32_t values[static_cast<std::size_t>(width_of<Arch>)];
  for (Index k = 0; k < width_of<Arch>; ++k) values[k] = static_cast<std::int32_t>(k * step);
  return Ints<Arch>::load_unaligned(values);
}

/// The comparisons are the reference's, in its order: the first of equal values wins, the last NaN wins over all.
template <typename Arch, int kernel, int stride, bool keeps_indices>
void maximum(float* y, std::int32_t* indices, float* split, const float* x, const PoolSizes& s) {
  using Vec = Floats<Arch>;
  using Int = Ints<Arch>;
  split_rows<stride>(split, x, s);
  const Index sw = stride > 0 ? stride : s.sw;
  const Int columns = steps<Arch>(sw);
  constexpr float minus_infinity = -std::numeric_limits<float>::infinity();
  for (Index i = 0; i < s.oh; ++i, y += s.ow)
    for (Index j = 0; j < s.ow; j += width_of<Arch>) {
      const Index first_row = i * s.sh > s.ph ? i * s.sh - s.ph : 0;
      const Int column = columns + Int(static_cast<std::int32_t>(j * sw));
      Int best = max(column - Int(static_cast<std::int32_t>(s.pw)), Int(0)) +
                 Int(static_cast<std::int32_t>(first_row * s.iw));
      Vec largest(minus_infinity);
      for_each_tap<kernel, stride>(split, i, s, [&](const float* pixels, Index position) {
        const Vec value = Vec::load_unaligned(pixels + j);
        const auto wins = (value > largest) | is_nan(value);
        largest = select(wins, value, largest);
        if constexpr (keeps_indices)
          best = select(wins, column + Int(static_cast<std::int32_t>(position)), best);
      });
      store_first<Arch>(y + j, largest, s.ow - j);
      if constexpr (keeps_indices) store_first<Arch>(indices + i * s.ow + j, best, s.ow - j);
    }
}

template <typename Arch, int kernel, int stride>
void average(float* y, float* split, const float* x, const PoolSizes& s) {
  using Vec = Floats<Arch>;
  split_rows<stride>(split, x, s);
  const Vec area(static_cast<float>(s.kh * s.kw));
  for (Index i = 0; i < s.oh; ++i, y += s.ow)
    for (Index j = 0; j < s.ow; j += width_of<Arch>) {
      Vec sum(0.0F);
      for_each_tap<kernel, stride>(
          split, i, s, [&](const float* pixels, Index) { sum += Vec::load_unaligned(pixels + j); });
      store_first<Arch>(y + j, sum / area, s.ow - j);
    }
}

template <typename Arch, int kernel, int stride>
void maximum_with_or_without(float* y, std::int32_t* indices, float* split, const float* x,
                             const PoolSizes& s) {
  if (indices == nullptr) return maximum<Arch, kernel, stride, false>(y, indices, split, x, s);
  maximum<Arch, kernel, stride, true>(y, indices, split, x, s);
}

template <typename Arch>
void maximum_of_any(float* y, std::int32_t* indices, float* split, const float* x, const PoolSizes& s) {
  if (s.kw == 2 && s.sw == 2) return maximum_with_or_without<Arch, 2, 2>(y, indices, split, x, s);
  if (s.kw == 3 && s.sw == 2) return maximum_with_or_without<Arch, 3, 2>(y, indices, split, x, s);
  if (s.kw == 3 && s.sw == 1) return maximum_with_or_without<Arch, 3, 1>(y, indices, split, x, s);
  maximum_with_or_without<Arch, 0, 0>(y, indices, split, x, s);
}

template <typename Arch>
void average_of_any(float* y, float* split, const float* x, const PoolSizes& s) {
  if (s.kw == 2 && s.sw == 2) return average<Arch, 2, 2>(y, split, x, s);
  average<Arch, 0, 0>(y, split, x, s);
}

template <typename Arch>
float mean(const float* x, Index pixels) {
  using Vec = Floats<Arch>;
  const auto add = [](Vec& total, Vec&, Vec value) { total += value; };
  return static_cast<float>(sum_two<Arch>(pixels, 0.0F, add, x).first / static_cast<double>(pixels));
}

template <typename Arch>
constexpr PoolKernels pool_kernels() {
  return {.maximum = maximum_of_any<Arch>, .average = average_of_any<Arch>, .mean = mean<Arch>};
}

}  // namespace
}  // namespace cnn::simd
