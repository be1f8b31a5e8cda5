// SPDX-License-Identifier: MIT
#include <algorithm>

#include "common/backend/simd/conv2d.hpp"
#include "common/backend/simd/epilogue.hpp"
#include "common/backend/simd/kept_weight.hpp"
#include "common/backend/simd/winograd_plan.hpp"
#include "common/core/threads.hpp"

// Where images have few pixels, as the last of a network, the kernels are most of what a convolution reads. A product whose
// columns are pixels, in tiles of some registers across, would leave most of a tile empty. Here the product is transposed: its
// rows are pixels, its columns are output channels. Each number of the kernels is read once, in the order in which it lies in memory.

namespace cnn::simd {
namespace {

/// How output channels are cut into panels: registers for all channels, and those that a panel has, as many as a tile has across.
struct Panels {
  Index groups, wide;

  /// Wide tiles multiply faster, but the threads of a small machine are to have equal shares.
  explicit Panels(Index oc) : groups(divide_up(oc, kernels().width)), wide(1) {
    constexpr Index threads = 2;
    constexpr double slower[ChannelKernels::groups] = {1.3, 1.15, 1};  // than the widest tile
    const auto time = [&](Index w) {
      const Index most = divide_up(divide_up(groups, w), threads) * w;  // registers of a thread
      return static_cast<double>(most) * slower[w - 1];
    };
    for (Index w = 2; w <= ChannelKernels::groups; ++w)
      if (time(w) <= time(wide)) wide = w;
  }
  /// \return how many there are
  Index count() const { return divide_up(groups, wide); }
  /// \return registers of a panel
  Index groups_of(Index panel) const { return std::min(wide, groups - panel * wide); }
};

/// Channels of the input with those that fill up the last register.
Index padded_channels(const ConvSizes& s) { return round_up(s.ic, kernels().width); }

/// Kernels [oc, ic, kh, kw] in panels [depth, channels of the panel], one behind the other.
struct KernelPanels {
  Panels panels;
  Index depth;  // tap after tap, the channels
  Tensor memory;

  KernelPanels(const float* weight, const ConvSizes& s)
      : panels(s.oc), depth(s.kh * s.kw * padded_channels(s)) {
    const Index width = kernels().width, area = s.kh * s.kw, ic = padded_channels(s);
    memory = Tensor::zeros({depth * panels.groups * width});
    parallel_for(panels.count(), 1, [&](Index panel, Index) {
      const Index first = panel * panels.wide * width, columns = panels.groups_of(panel) * width;
      float* const to = memory.data() + first * depth;
      for (Index o = first; o < std::min(first + columns, s.oc); ++o)
        for (Index c = 0; c < s.ic; ++c)
          for (Index tap = 0; tap < area; ++tap)
            to[(tap * ic + c) * columns + o - first] = weight[(o * s.ic + c) * area + tap];
    });
  }
};

constexpr Index few_floats = 16 * 1024;  // that one thread copies sooner than others begin

/// The windows of some images: for each tap, and for each register of channels, all pixels of the output.
class LaneWindows {
 public:
  LaneWindows(const Tensor& x, const Prologue* prologue, const ConvSizes& s, Range images)
      : s_(s), images_(images), rows_(round_up(pixels(), kernels().width)) {
    const Index width = kernels().width, groups = padded_channels(s) / width;
    memory_ = Tensor::empty({s.kh * s.kw * groups * rows_ * width});
    parallel_for(groups, memory_.size() < few_floats ? groups : divide_up(groups, 8),
                 [&](Index first, Index last) {
                   Tensor padded = Tensor::zeros({(s.ih + 2 * s.ph) * (s.iw + 2 * s.pw) * width});
                   for (Index g = first; g < last; ++g) fill_group(padded.data(), g, groups, x, prologue);
                 });
  }
  const float* data() const { return memory_.data(); }
  /// Pixels of all images.
  Index pixels() const { return images_.size() * s_.pixels(); }
  /// The same, rounded up to whole registers.
  Index rows() const { return rows_; }

 private:
  void fill_group(float* padded, Index group, Index groups, const Tensor& x, const Prologue* prologue) {
    const Index width = kernels().width, pitch = s_.iw + 2 * s_.pw, area = s_.ih * s_.iw;
    const Index channel = group * width, lanes = std::min(width, s_.ic - channel);
    float* const inside = padded + (s_.ph * pitch + s_.pw) * width;
    for (Index n = images_.first; n < images_.last; ++n) {
      const float* const from = x.data() + n * x.image_stride() + channel * area;
      kernels().channels.to_lanes(inside, pitch, s_.iw, from, area, lanes, area);
      if (prologue != nullptr) scale(*prologue, {channel, channel + lanes}, inside, pitch, s_.iw, s_.ih);
      copy_windows(padded, pitch, group, groups, (n - images_.first) * s_.pixels());
    }
  }

  void copy_windows(const float* padded, Index pitch, Index group, Index groups, Index row) {
    const Index width = kernels().width;
    for (Index u = 0; u < s_.kh; ++u)
      for (Index v = 0; v < s_.kw; ++v) {
        float* to = memory_.data() + (((u * s_.kw + v) * groups + group) * rows_ + row) * width;
        for (Index i = 0; i < s_.oh; ++i) {
          const float* from = padded + ((i * s_.sh + u) * pitch + v) * width;
          if (s_.sw == 1) {
            std::copy_n(from, s_.ow * width, to);
            to += s_.ow * width;
            continue;
          }
          for (Index j = 0; j < s_.ow; ++j, to += width, from += s_.sw * width) std::copy_n(from, width, to);
        }
        if (row + s_.pixels() == pixels()) std::fill_n(to, (rows_ - pixels()) * width, 0.0F);
      }
  }

  ConvSizes s_;
  Range images_;
  Index rows_;
  Tensor memory_;
};

//! [pixels as rows]
/// sums[group][pixel][lane] of one panel. The depth is cut, so that what a panel
/// has of it stays in the first cache for all pixels.
void multiply_panel(float* sums,  // overwritten
                    const LaneWindows& x, const KernelPanels& w, Index panel) {
  constexpr Index depth_limit = 128;
  const Index width = kernels().width, group = x.rows() * width;
  const Index depth = w.depth, columns = w.panels.groups_of(panel) * width;
  ChannelProduct p{.c = sums,
                   .c_group = group,
                   .a = x.data(),
                   .a_group = group,
                   .b = w.memory.data() + panel * w.panels.wide * width * depth,
                   .b_row = columns,
                   .b_group = width,
                   .rows = x.pixels(),
                   .depth = depth_limit,
                   .adds = false};
  for (Index k = 0; k < depth; k += depth_limit) {
    p.depth = std::min(depth_limit, depth - k);
    kernels().channels.multiply[columns / width - 1](p);
    p.a += depth_limit / width * group;
    p.b += depth_limit * columns;
    p.adds = true;
  }
}
//! [pixels as rows]

void convolve(Tensor& y, const LaneWindows& x, const KernelPanels& w, const Epilogue& epilogue,
              const ConvSizes& s, Range images) {
  const Index width = kernels().width, pixels = s.pixels();
  const Panels& panels = w.panels;
  const Tensor zeros = Tensor::zeros({width});
  parallel_for(panels.count(), 1, [&](Index first, Index last) {
    Tensor sums = Tensor::empty({panels.wide * x.rows() * width});
    for (Index panel = first; panel < last; ++panel) {
      multiply_panel(sums.data(), x, w, panel);
      for (Index g = 0; g < panels.groups_of(panel); ++g) {
        const Index channel = (panel * panels.wide + g) * width;
        const float* from = sums.data() + g * x.rows() * width;
        for (Index n = images.first; n < images.last; ++n, from += pixels * width) {
          kernels().channels.from_lanes(y.data() + n * y.image_stride() + channel * pixels, pixels,
                                        std::min(width, s.oc - channel), from, pixels, pixels, pixels,
                                        epilogue.bias == nullptr ? zeros.data() : epilogue.bias + channel,
                                        epilogue.least);
        }
      }
    }
  });
}

}  // namespace

void few_pixels_conv2d(Tensor& y, const Tensor& x, const ConvWeights& w, const ConvSizes& s) {
  const auto panels =
      kept_or_made<KernelPanels>(w.kept, &kernels(), [&] { return KernelPanels(w.weight.data(), s); });
  for (Index n = 0; n < s.n; n += s.images_foreseen) {
    const Range images{n, std::min(n + s.images_foreseen, s.n)};
    convolve(y, LaneWindows(x, w.prologue, s, images), *panels, Epilogue(w), s, images);
  }
}

}  // namespace cnn::simd
