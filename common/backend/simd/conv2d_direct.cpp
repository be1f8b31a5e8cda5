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

constexpr Index most_taps = 256;    // whose kernels, of one tile, stay in the first cache with the pixels
constexpr Index task_pixels = 768;  // of a task
constexpr Index wanted_tasks = 8;

/// Rows of the output of one task: a single image is shared by the threads, too.
Index rows_in_turn(const ConvSizes& s) {
  return std::clamp<Index>(task_pixels / s.ow, 1, divide_up(s.n * s.oh, wanted_tasks));
}

/// Calls tile(first pixel, registers) for registers of pixels that cover a row; the last may overlap the one before.
template <typename Tile>
void cover(Index length, const Tile& tile) {
  const Index width = kernels().width;
  for (Index j = 0; j < length;) {
    const Index wanted = std::min(GemmKernels::most_vectors, divide_up(length - j, width));
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
  parallel_for(s.n * strips, 1, [&](Index task, Index) {
    const Index n = task / strips, row = task % strips * rows;
    const Index first = row * s.ow, last = std::min(row + rows, s.oh) * s.ow;
    Tensor copy;
    const Windows::Source from =
        windows.padded_copy(copy, {n * s.pixels() + first, n * s.pixels() + last}, {0, s.taps()});
    float* line_y = y.data() + n * y.image_stride() + first;
    for (const Line& line : from.lines) {
      cover(line.length, [&](Index j, Index registers) {
        for (Index o = 0; o < s.oc; o += gemm.rows)
          gemm.correlate_tile[registers - 1]({.y = line_y + o * s.pixels() + j,
                                              .y_stride = s.pixels(),
                                              .rows = std::min(gemm.rows, s.oc - o),
                                              .a = weight->panel(o, 0),
                                              .x = from.data + line.offset + j,
                                              .offsets = from.offsets.data(),
                                              .depth = s.taps(),
                                              .bias = after.bias == nullptr ? nullptr : after.bias + o,
                                              .least = after.least});
      });
      line_y += line.length;
    }
  });
}

}  // namespace cnn::simd
