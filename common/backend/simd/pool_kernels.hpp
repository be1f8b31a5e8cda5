// SPDX-License-Identifier: MIT
#pragma once

// Included by unfused_<level>.cpp only, see there.

#include <limits>
#include <utility>

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

/// Numbers at even and at odd places of two registers.
template <typename Vec, int... lane>
[[gnu::always_inline]] inline void split_pairs(Vec& a, Vec& b, std::integer_sequence<int, lane...>) {
  const auto even = __builtin_shufflevector(a.data, b.data, (2 * lane)...);
  const auto odd = __builtin_shufflevector(a.data, b.data, (2 * lane + 1)...);
  a = Vec(even), b = Vec(odd);
}

/// The same for a row of pairs of numbers; returns how many it split, none if they do not fill two registers.
template <typename Arch>
Index split_row_of_pairs(float* even, float* odd, const float* x, Index pairs) {
  using Vec = Floats<Arch>;
  constexpr Index width = width_of<Arch>;
  if (pairs < width) return 0;
  for (Index k = 0; k < pairs; k += width) {
    k = k + width > pairs ? pairs - width : k;  // the last registers overlap those before
    Vec a = Vec::load_unaligned(x + 2 * k), b = Vec::load_unaligned(x + 2 * k + width);
    split_pairs(a, b, std::make_integer_sequence<int, Arch::width>());
    a.store_unaligned(even + k);
    b.store_unaligned(odd + k);
  }
  return pairs;
}

/// Writes the pixels of x into their places; those of the padding stay what they are.
template <typename Arch, int stride>
void split_rows(float* split, const float* x, const PoolSizes& s) {
  const Index sw = stride > 0 ? stride : s.sw;
  for (Index row = 0; row < s.ih; ++row, x += s.iw, split += sw * s.phase) {
    Index column = 0;
    for (; column < s.iw && (column + s.pw) % sw != 0; ++column)
      split[(column + s.pw) % sw * s.phase + (column + s.pw) / sw] = x[column];
    float* place = split + (column + s.pw) / sw;
    if constexpr (stride == 2) {
      const Index pairs = split_row_of_pairs<Arch>(place, place + s.phase, x + column, (s.iw - column) / 2);
      column += 2 * pairs, place += pairs;
    }
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

/// Calls step(first) for registers that cover a row of outputs; the last one overlaps the one before if the row fills one.
template <typename Arch, typename Step>
void cover_row(Index count, const Step& step) {
  constexpr Index width = width_of<Arch>;
  for (Index j = 0; j < count; j += width) step(j = j + width > count && count >= width ? count - width : j);
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
  split_rows<Arch, stride>(split, x, s);
  const Index sw = stride > 0 ? stride : s.sw;
  const Int columns = steps<Arch>(sw);
  constexpr float minus_infinity = -std::numeric_limits<float>::infinity();
  for (Index i = 0; i < s.oh; ++i, y += s.ow)
    cover_row<Arch>(s.ow, [&](Index j) {
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
    });
}

template <typename Arch, int kernel, int stride>
void average(float* y, float* split, const float* x, const PoolSizes& s) {
  using Vec = Floats<Arch>;
  split_rows<Arch, stride>(split, x, s);
  const Vec area(static_cast<float>(s.kh * s.kw));
  for (Index i = 0; i < s.oh; ++i, y += s.ow)
    cover_row<Arch>(s.ow, [&](Index j) {
      Vec sum(0.0F);
      for_each_tap<kernel, stride>(
          split, i, s, [&](const float* pixels, Index) { sum += Vec::load_unaligned(pixels + j); });
      store_first<Arch>(y + j, sum / area, s.ow - j);
    });
}

/// Windows of 2 x 2 that lie side by side are read from the rows as they are.
/// \return whether these are such, and a row of outputs fills a register
template <typename Arch>
bool are_pairs(const PoolSizes& s) {
  return s.kw == 2 && s.kh == 2 && s.sw == 2 && s.sh == 2 && s.pw == 0 && s.ph == 0 && s.ow >= width_of<Arch>;
}

/// Calls tap(pixels, u, v) for row u and column v of the windows j, j + 1, ..., whose first pixel is at x.
template <typename Arch, typename Tap>
[[gnu::always_inline]] inline void for_each_of_pairs(const float* x, Index iw, const Tap& tap) {
  using Vec = Floats<Arch>;
  for (Index u = 0; u < 2; ++u, x += iw) {
    Vec left = Vec::load_unaligned(x), right = Vec::load_unaligned(x + width_of<Arch>);
    split_pairs(left, right, std::make_integer_sequence<int, Arch::width>());
    tap(left, u, 0);
    tap(right, u, 1);
  }
}

template <typename Arch>
void average_of_pairs(float* y, const float* x, const PoolSizes& s) {
  using Vec = Floats<Arch>;
  for (Index i = 0; i < s.oh; ++i, y += s.ow, x += 2 * s.iw)
    cover_row<Arch>(s.ow, [&](Index j) {
      Vec sum(0.0F);
      for_each_of_pairs<Arch>(x + 2 * j, s.iw, [&](Vec value, Index, Index) { sum += value; });
      (sum / Vec(4.0F)).store_unaligned(y + j);
    });
}

template <typename Arch, bool keeps_indices>
void maximum_of_pairs(float* y, std::int32_t* indices, const float* x, const PoolSizes& s) {
  using Vec = Floats<Arch>;
  using Int = Ints<Arch>;
  const Int columns = steps<Arch>(2);
  for (Index i = 0; i < s.oh; ++i)
    cover_row<Arch>(s.ow, [&](Index j) {
      const Index start = 2 * (i * s.iw + j), to = i * s.ow + j;
      Vec largest(-std::numeric_limits<float>::infinity());
      Int best = columns + Int(static_cast<std::int32_t>(start));
      for_each_of_pairs<Arch>(x + start, s.iw, [&](Vec value, Index u, Index v) {
        const auto wins = (value > largest) | is_nan(value);
        largest = select(wins, value, largest);
        if constexpr (keeps_indices)
          best = select(wins, columns + Int(static_cast<std::int32_t>(start + u * s.iw + v)), best);
      });
      largest.store_unaligned(y + to);
      if constexpr (keeps_indices) best.store_unaligned(indices + to);
    });
}

template <typename Arch, int kernel, int stride>
void maximum_with_or_without(float* y, std::int32_t* indices, float* split, const float* x,
                             const PoolSizes& s) {
  if (indices == nullptr) return maximum<Arch, kernel, stride, false>(y, indices, split, x, s);
  maximum<Arch, kernel, stride, true>(y, indices, split, x, s);
}

template <typename Arch>
void maximum_of_any(float* y, std::int32_t* indices, float* split, const float* x, const PoolSizes& s) {
  if (are_pairs<Arch>(s)) {
    if (indices == nullptr) return maximum_of_pairs<Arch, false>(y, nullptr, x, s);
    return maximum_of_pairs<Arch, true>(y, indices, x, s);
  }
  if (s.kw == 2 && s.sw == 2) return maximum_with_or_without<Arch, 2, 2>(y, indices, split, x, s);
  if (s.kw == 3 && s.sw == 2) return maximum_with_or_without<Arch, 3, 2>(y, indices, split, x, s);
  if (s.kw == 3 && s.sw == 1) return maximum_with_or_without<Arch, 3, 1>(y, indices, split, x, s);
  maximum_with_or_without<Arch, 0, 0>(y, indices, split, x, s);
}

template <typename Arch>
void average_of_any(float* y, float* split, const float* x, const PoolSizes& s) {
  if (are_pairs<Arch>(s)) return average_of_pairs<Arch>(y, x, s);
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
