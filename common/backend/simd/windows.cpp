// SPDX-License-Identifier: MIT
#include "common/backend/simd/windows.hpp"

#include <algorithm>

namespace cnn::simd {
namespace {

constexpr Index slack = 16;  // floats of the widest register

/// Rounds up also below zero.
Index ceil_divide(Index a, Index b) { return a > 0 ? divide_up(a, b) : a / b; }

PixelLine line_of(const Prologue* prologue, Index channel) {
  if (prologue == nullptr) return {1, 0, 0};
  return {prologue->line.scale.data()[channel], prologue->line.shift.data()[channel],
          cnn::Epilogue{.relu = prologue->relu}.least()};
}

}  // namespace

Windows::Windows(const float* images, Index image_stride, const ConvSizes& s, const Prologue* prologue)
    : images_(images),
      image_stride_(image_stride),
      s_(s),
      prologue_(prologue),
      is_pixelwise_(prologue == nullptr && s.kh == 1 && s.kw == 1 && s.sh == 1 && s.sw == 1 && s.ph == 0 &&
                    s.pw == 0 && s.oh == s.ih && s.ow == s.iw),
      row_step_(std::min(s.sh, s.kh)),
      phases_(std::min(s.sw, s.kw)),
      pitch_(s.ow + (s.kw - 1) / s.sw),
      slot_(phases_ * pitch_) {}

void Windows::pack(float* panels, Index width, Range columns, Range taps) const {
  Tensor copy;
  const Source from = is_pixelwise_ ? images_themselves(columns, taps) : padded_copy(copy, columns, taps);
  const std::vector<Run> runs = cut_into_runs(from.lines, width, taps.size());
  const Index whole = columns.size() / width * width;
  if (whole < columns.size()) std::fill_n(panels + whole * taps.size(), width * taps.size(), 0.0F);
  kernels().gemm.pack_panels(panels, width,
                             {.data = from.data,
                              .offsets = from.offsets.data(),
                              .depth = taps.size(),
                              .runs = runs.data(),
                              .run_count = static_cast<Index>(runs.size()),
                              .has_slack = from.has_slack});
}

Windows::Source Windows::images_themselves(Range columns, Range taps) const {
  Source source{images_, {}, multiples(taps.size(), s_.pixels()), false};
  for (Index q = columns.first; q < columns.last;) {
    const Index n = q / s_.pixels(), pixel = q % s_.pixels();
    const Index length = std::min(s_.pixels() - pixel, columns.last - q);
    source.lines.push_back({n * image_stride_ + taps.first * s_.pixels() + pixel, length});
    q += length;
  }
  return source;
}

//! [copy]
auto Windows::padded_copy(Tensor& copy, Range columns, Range taps) const -> Source {
  const Index area = s_.kh * s_.kw;
  const Range channels{taps.first / area, divide_up(taps.last, area)};
  Source source{nullptr, {}, {}, true};
  struct Part {  // of an image
    Index n, first_row, first_slot, slots;
  };
  std::vector<Part> parts;
  Index slots = 0;
  for (Index q = columns.first; q < columns.last;) {
    const Index n = q / s_.pixels(), pixel = q % s_.pixels();
    const Index pixel_end = std::min(s_.pixels(), pixel + columns.last - q);
    const Index first = pixel / s_.ow, last = divide_up(pixel_end, s_.ow);
    parts.push_back({n, first, slots, (last - first - 1) * row_step_ + s_.kh});
    for (Index p = pixel; p < pixel_end;) {
      const Index j = p % s_.ow, length = std::min(s_.ow - j, pixel_end - p);
      const Index slot = slots + (p / s_.ow - first) * row_step_;
      source.lines.push_back({slot * slot_ + j, length});
      p += length;
    }
    slots += parts.back().slots;
    q += pixel_end - pixel;
  }
  const Index floats = channels.size() * slots * slot_ + slack;
  if (!copy.defined() || copy.size() != floats) {
    copy = Tensor();  // given back first
    copy = Tensor::empty({floats});
  }
  std::fill_n(copy.data() + copy.size() - slack, slack, 0.0F);
  source.data = copy.data();
  float* to = copy.data();
  for (Index c = channels.first; c < channels.last; ++c) {
    const PixelLine line = line_of(prologue_, c);
    for (const Part& part : parts) {
      const float* const in = images_ + part.n * image_stride_ + c * s_.ih * s_.iw;
      for (Index t = 0; t < part.slots; ++t, to += slot_) {
        const Index row = (part.first_row + t / row_step_) * s_.sh + t % row_step_;
        copy_slot(to, in, row - s_.ph, line);
      }
    }
  }
  for (Index k = taps.first; k < taps.last; ++k) {
    const Index c = k / area, u = k % area / s_.kw, v = k % s_.kw;
    const Index slot = (c - channels.first) * slots + u;
    source.offsets.push_back(slot * slot_ + v % s_.sw * pitch_ + v / s_.sw);
  }
  return source;
}
//! [copy]

Index Windows::copy_floats(Index columns, Index taps) const {
  if (is_pixelwise_) return 0;
  const Index more = columns < s_.n * s_.pixels() ? 1 : 0;  // they may begin in the middle of one
  const Index images = divide_up(columns, s_.pixels()) + more, rows = divide_up(columns, s_.ow) + more;
  return floats_of(rows, images, taps);
}

Index Windows::strip_floats(Index rows, Index taps) const { return floats_of(rows, 1, taps); }

Index Windows::floats_of(Index rows, Index images, Index taps) const {
  const Index slots = rows * row_step_ + images * (s_.kh - row_step_);
  return divide_up(taps, s_.kh * s_.kw) * slots * slot_ + slack;
}

void Windows::copy_slot(float* slot, const float* channel, Index row, const PixelLine& line) const {
  if (row < 0 || row >= s_.ih) {
    std::fill_n(slot, slot_, 0.0F);
    return;
  }
  const float* const pixels = channel + row * s_.iw;
  for (Index phase = 0; phase < phases_; ++phase, slot += pitch_) {
    const Index shift = phase - s_.pw;  // element m of this part is pixel m sw + shift
    const Index first = std::clamp(ceil_divide(-shift, s_.sw), Index{0}, pitch_);
    const Index last = std::clamp(ceil_divide(s_.iw - shift, s_.sw), first, pitch_);
    std::fill(slot, slot + first, 0.0F);
    if (s_.sw == 1) {
      std::copy_n(pixels + first + shift, last - first, slot + first);
    } else {
      for (Index m = first; m < last; ++m) slot[m] = pixels[m * s_.sw + shift];
    }
    std::fill(slot + last, slot + pitch_, 0.0F);
    if (prologue_ == nullptr) continue;
    for (Index m = first; m < last; ++m) slot[m] = std::max(line.scale * slot[m] + line.shift, line.least);
  }
}

}  // namespace cnn::simd
