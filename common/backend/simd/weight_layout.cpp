// SPDX-License-Identifier: MIT
#include "common/backend/simd/weight_layout.hpp"

#include <algorithm>

namespace cnn::simd {
namespace {

constexpr Index chunk_pixels = 128;        // of a chunk: three registers of each stay in the first cache
constexpr Index most_outputs = 256;        // channels of a task
constexpr Index most_inputs = 256;         // channels of a task
constexpr Index most_weights = 64 * 1024;  // of a task: its sums stay in the second cache

/// Blocks of about equal size, none above `most`.
Index even_blocks(Index count, Index most) { return divide_up(count, divide_up(count, most)); }

/// 1 x 1 kernels with stride 1: rows of pixels do not matter.
bool pixelwise(const ConvSizes& s) {
  return s.kh == 1 && s.kw == 1 && s.sh == 1 && s.sw == 1 && s.ph == 0 && s.pw == 0 && s.oh == s.ih &&
         s.ow == s.iw;
}

ConvSizes as_one_row(ConvSizes s) {
  s.iw *= s.ih, s.ow *= s.oh;
  s.ih = s.oh = 1;
  return s;
}

/// The part of the lanes that is used if `count` numbers are put into registers.
double filled(Index count) {
  return static_cast<double>(count) / static_cast<double>(round_up(count, kernels().width));
}

}  // namespace

WeightLayout::WeightLayout(const ConvSizes& sizes, Index images)
    : s(pixelwise(sizes) ? as_one_row(sizes) : sizes),
      is_pixelwise(pixelwise(sizes)),
      lanes_are_channels(filled(s.ic) >= filled(s.kw)),
      output_groups(divide_up(s.oc, kernels().width)) {
  choose_chunk(images);
  if (lanes_are_channels) lay_out_channels();
  if (!lanes_are_channels) lay_out_rows();
  share_out();
}

void WeightLayout::choose_chunk(Index images) {
  chunk.columns = is_pixelwise ? even_blocks(std::max<Index>(s.ow, 1), chunk_pixels) : s.ow;
  const Index columns = std::max<Index>(chunk.columns, 1), rows = std::max<Index>(s.oh, 1);
  chunk.rows = std::clamp<Index>(chunk_pixels / columns, 1, rows);
  const bool whole = chunk.rows == rows && chunk.columns == s.ow;
  chunk.images =
      whole ? std::clamp<Index>(chunk_pixels / (rows * columns), 1, std::max<Index>(images, 1)) : 1;
  x_rows = rows_of(chunk.rows);
}

//! [channels]
void WeightLayout::lay_out_channels() {
  const Index width = kernels().width;
  units = divide_up(s.ic, width);
  per_unit = s.kh * s.kw;
  phases_h = std::min(s.sh, s.kh), phases_w = std::min(s.sw, s.kw);
  slots = chunk.rows + (s.kh - 1) / s.sh;
  pitch = chunk.columns + (s.kw - 1) / s.sw;
  // its last place takes what no tap meets
  plane = (phases_h * phases_w * slots * pitch + 1) * width;
  row_step = pitch * width, column_step = width;
  step_from = plane, step_to = per_unit;
  const Index columns = is_pixelwise ? chunk.columns : s.iw;
  for (Index i = 0; i < x_rows; ++i)
    for (Index j = s.pw; j < s.pw + columns; ++j) {
      const Index u = i % s.sh, v = j % s.sw, slot = i / s.sh, at = j / s.sw;
      const bool met = u < phases_h && v < phases_w && slot < slots && at < pitch;
      const Index place = ((u * phases_w + v) * slots + slot) * pitch + at;
      places.push_back(met ? place * width : plane - width);
    }
}
//! [channels]

void WeightLayout::lay_out_rows() {
  units = s.ic;
  per_unit = divide_up(s.kw, kernels().width) * s.kh;
  phases_h = phases_w = 1;
  slots = x_rows;
  pitch = (s.ow - 1) * s.sw + s.kw;
  plane = slots * pitch;
  row_step = s.sh * pitch, column_step = s.sw;
  step_from = pitch, step_to = 1;
}

void WeightLayout::share_out() {
  const Index width = kernels().width, together = lanes_are_channels ? ChannelKernels::groups : 1;
  outputs_in_turn = even_blocks(output_groups, divide_up(most_outputs, width));
  const Index most = std::min(most_weights / (outputs_in_turn * width * width * per_unit),
                              divide_up(most_inputs, channels_per_unit()));
  units_in_turn =
      std::min(units, round_up(even_blocks(units, std::max(most / together * together, together)), together));
}

WeightBlock WeightLayout::block(Index k) const {
  const Index o = k % output_blocks() * outputs_in_turn, u = k / output_blocks() * units_in_turn;
  return {{o, std::min(o + outputs_in_turn, output_groups)}, {u, std::min(u + units_in_turn, units)}};
}

std::vector<WeightLayout::Step> WeightLayout::steps(Index count) const {
  const Index width = kernels().width;
  std::vector<Step> all;
  if (lanes_are_channels) {
    for (Index u = 0; u < s.kh; ++u)
      for (Index v = 0; v < s.kw; ++v) {
        const Index tap = (((u % s.sh * phases_w + v % s.sw) * slots + u / s.sh) * pitch + v / s.sw) * width;
        for (Index unit = 0; unit < count; unit += ChannelKernels::groups)
          all.push_back({unit * plane + tap, unit * per_unit + u * s.kw + v,
                         std::min(ChannelKernels::groups, count - unit)});
      }
    return all;
  }
  for (Index unit = 0; unit < count; ++unit)
    for (Index v = 0; v < s.kw; v += width)
      for (Index u = 0; u < s.kh; u += ChannelKernels::groups)
        all.push_back({unit * plane + u * pitch + v, unit * per_unit + v / width * s.kh + u,
                       std::min(ChannelKernels::groups, s.kh - u)});
  return all;
}

void WeightLayout::copy_channels(float* to, const float* image, Index channels, Range rows,
                                 Index columns) const {
  const Index width = kernels().width, all = is_pixelwise ? chunk.columns : s.iw;
  for (Index i = 0; i < x_rows; ++i) {
    if (i >= rows.first && i < rows.last) continue;
    for (Index j = 0; j < columns; ++j)
      std::fill_n(to + places[static_cast<std::size_t>(i * all + j)], width, 0.0F);
  }
  if (rows.size() <= 0) return;
  kernels().channels.to_places(to, places.data() + rows.first * all, image + rows.first * s.iw, s.ih * s.iw,
                               channels, rows.size() == 1 ? columns : rows.size() * all);
}

void WeightLayout::copy_rows(float* to, const float* image, Range rows) const {
  const Index pixels = std::clamp<Index>(pitch - s.pw, 0, s.iw), padding = std::min(s.pw, pitch);
  for (Index i = 0; i < x_rows; ++i, to += pitch) {
    if (i < rows.first || i >= rows.last) {
      std::fill_n(to, pitch, 0.0F);
      continue;
    }
    std::fill_n(to, padding, 0.0F);
    std::copy_n(image + i * s.iw, pixels, to + padding);
    std::fill(to + padding + pixels, to + pitch, 0.0F);
  }
}

void WeightLayout::write(float* weights, Index register_number, const float* values) const {
  const Index width = kernels().width, area = s.kh * s.kw;
  const Index unit = register_number / per_unit, k = register_number % per_unit;
  if (lanes_are_channels) {
    for (Index lane = 0; lane < std::min(width, s.ic - unit * width); ++lane)
      weights[(unit * width + lane) * area + k] = values[lane];
    return;
  }
  const Index v = k / s.kh * width, u = k % s.kh;
  std::copy_n(values, std::min(width, s.kw - v), weights + unit * area + u * s.kw + v);
}

}  // namespace cnn::simd
