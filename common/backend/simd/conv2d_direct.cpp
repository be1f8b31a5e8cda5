// SPDX-License-Identifier: MIT
#include <algorithm>

#include "common/backend/simd/conv2d.hpp"
#include "common/backend/simd/epilogue.hpp"
#include "common/backend/simd/gemm.hpp"
#include "common/backend/simd/windows.hpp"
#include "common/core/threads.hpp"

// Packing a pixel for the tile pays if many output channels read the panel, and collecting sums in a block pays if many taps go
// into them. The first layer of a network has one input channel and few of either, but wide images. There the tile reads the
// rows of pixels as they lie (correlate_tile), and writes to the output.

namespace cnn::simd {
namespace {

constexpr Index most_taps = 256;      // whose kernels, of one tile, stay in the first cache with the pixels
constexpr Index strip_pixels = 1024;  // in the first cache
constexpr Index wanted_strips = 8, most_tasks = 64;

/// Rows of the output of a strip: a single image is shared by the threads, too.
Index rows_in_turn(const ConvSizes& s) {
  const Index most = std::clamp<Index>(strip_pixels / s.ow, 1, divide_up(s.n * s.oh, wanted_strips));
  return divide_up(s.oh, divide_up(s.oh, most));  // equal strips
}

/// Calls tile(first pixel, registers) for registers of pixels that cover a row; the last may overlap the one before.
template <typename Tile>
void cover(Index length, Index most, const Tile& tile) {
  const Index width = kernels().width;
  for (Index j = 0; j < length;) {
    const Index wanted = std::min(most, divide_up(length - j, width));
    const Index registers = std::min(wanted, length / width);
    j = std::min(j, length - registers * width);
    tile(j, registers);
    j += registers * width;
  }
}

}  // namespace

bool direct_pays(const ConvSizes& s) {
  return s.taps() <= most_taps && s.kh * s.kw > 1 && s.ow >= 2 * kernels().width && s.n > 0;
}

Index direct_scratch(const ConvSizes& s) {
  const Index rows = rows_in_turn(s), tasks = std::min<Index>(thread_count(), s.n * divide_up(s.oh, rows));
  return round_up(s.oc, kernels().gemm.rows) * s.taps() +
         tasks * Windows(nullptr, 0, s).strip_floats(rows, s.taps());
}

void direct_conv2d(Tensor& y, const Tensor& x, const ConvWeights& w, const ConvSizes& s) {
  const GemmKernels& gemm = kernels().gemm;
  const auto weight = packed_kernels(w, s);
  const Epilogue after(w);
  const Windows windows(x.data(), x.image_stride(), s, w.prologue);
  const Index rows = rows_in_turn(s), strips = divide_up(s.oh, rows);
  const auto correlate_strip = [&](Tensor& copy, Index strip) {
    const Index n = strip / strips, row = strip % strips * rows;
    const Index first = row * s.ow, last = std::min(row + rows, s.oh) * s.ow;
    const Windows::Source from =
        windows.padded_copy(copy, {n * s.pixels() + first, n * s.pixels() + last}, {0, s.taps()});
    float* line_y = y.data() + n * y.image_stride() + first;
    for (const Line& line : from.lines) {
      for (Index o = 0; o < s.oc;) {
        const Index left = s.oc - o;
        const bool taller = left > gemm.rows && left <= gemm.rows + GemmKernels::more_rows;
        const Index high = taller ? left : std::min(gemm.rows, left);
        const auto* const tiles = taller ? gemm.correlate_taller : gemm.correlate_tile;
        cover(line.length, GemmKernels::most_vectors - (taller ? 1 : 0), [&](Index j, Index registers) {
          tiles[registers - 1]({.y = line_y + o * s.pixels() + j,
                                .y_stride = s.pixels(),
                                .rows = high,
                                .a = weight->panel(o, 0),
                                .next = taller ? weight->panel(o + gemm.rows, 0) : nullptr,
                                .x = from.data + line.offset + j,
                                .offsets = from.offsets.data(),
                                .depth = s.taps(),
                                .bias = after.bias == nullptr ? nullptr : after.bias + o,
                                .least = after.least});
        });
        o += high;
      }
      line_y += line.length;
    }
  };
  parallel_for(s.n * strips, divide_up(s.n * strips, most_tasks), [&](Index from, Index to) {
    Tensor copy;  // one for all strips
    for (Index strip = from; strip < to; ++strip) correlate_strip(copy, strip);
  });
}

}  // namespace cnn::simd
