// SPDX-License-Identifier: MIT
#include <algorithm>

#include "common/backend/simd/gemm.hpp"
#include "common/backend/simd/simd_backend.hpp"
#include "common/backend/simd/windows.hpp"
#include "common/backend/simd/winograd.hpp"
#include "common/core/threads.hpp"

// With X the windows of all images as columns, [taps, images x pixels], and dY the gradient of the output, [oc, images x
// pixels]: dW = dY X^T. Both have the summed index along their rows, so this is a product of rows. The bias is the weight of
// one more tap, whose input is always 1.

namespace cnn {
namespace {

using simd::divide_up;
using simd::Range;

constexpr Index row_length = 512;  // pixels packed at a time
constexpr Index most_channels = 128,
                most_taps = 96;  // whose rows of that length fit the second-level cache together
constexpr Index wanted_tasks = 16;

/// How the work is cut: a task is a few output channels, a few taps and a fixed group of images.
struct Cut {
  Index channels, taps, images;
  Index channel_blocks, tap_blocks, groups;
};

/// Blocks of about equal size, none above `most`.
Index even_blocks(Index count, Index most) { return divide_up(count, divide_up(count, most)); }

Cut cut_for(const ConvSizes& s, Index taps) {
  Cut cut{};
  cut.channels = even_blocks(s.oc, most_channels);
  cut.taps = even_blocks(taps, most_taps);
  cut.channel_blocks = divide_up(s.oc, cut.channels);
  cut.tap_blocks = divide_up(taps, cut.taps);
  const Index images = std::max<Index>(s.n, 1);
  cut.images =
      divide_up(images, std::min(images, divide_up(wanted_tasks, cut.channel_blocks * cut.tap_blocks)));
  cut.groups = divide_up(images, cut.images);
  return cut;
}

/// One convolution's gradient of the weights.
struct WeightGradient {
  const ConvSizes s;
  const Index taps;               // the last is the bias's, unless there is none
  const simd::Windows grad_y, x;  // grad_y's windows are its pixels

  WeightGradient(const Tensor& grad_y_, const Tensor& x_, const ConvSizes& sizes, bool with_bias)
      : s(sizes),
        taps(sizes.taps() + (with_bias ? 1 : 0)),
        grad_y(grad_y_.data(), grad_y_.image_stride(), pixelwise(sizes)),
        x(x_.data(), x_.image_stride(), sizes) {}

  static ConvSizes pixelwise(const ConvSizes& s) {
    return {.n = s.n,
            .ic = s.oc,
            .oc = s.oc,
            .ih = s.oh,
            .iw = s.ow,
            .oh = s.oh,
            .ow = s.ow,
            .kh = 1,
            .kw = 1,
            .sh = 1,
            .sw = 1,
            .ph = 0,
            .pw = 0};
  }

  //! [task]
  /// sum[channels, taps of all] += the part of some channels, taps and images.
  void add(float* sum, Range channels, Range some_taps, Range images) const {
    Tensor left = Tensor::empty({(channels.size() + 1) * row_length});
    Tensor right = Tensor::empty({(some_taps.size() + 1) * row_length});
    const Index last = images.last * s.pixels();
    for (Index q = images.first * s.pixels(); q < last; q += row_length) {
      const Range columns{q, std::min(q + row_length, last)};
      const Range real{some_taps.first, std::min(some_taps.last, s.taps())};
      grad_y.pack(left.data(), columns.size(), columns, channels);
      if (real.size() > 0) x.pack(right.data(), columns.size(), columns, real);
      if (some_taps.last > s.taps()) {
        std::fill_n(right.data() + (some_taps.size() - 1) * columns.size(), columns.size(), 1.0F);
      }
      simd::add_row_products(sum + channels.first * taps + some_taps.first, taps,
                             {left.data(), channels.size(), columns.size()},
                             {right.data(), some_taps.size(), columns.size()}, columns.size());
    }
  }
  //! [task]
};

/// grad_weight and grad_bias = the sum of `groups` matrices [oc, taps], added in order.
void add_groups(Tensor& grad_weight, Tensor* grad_bias, const Tensor& sums) {
  const auto [groups, oc, taps] = sums.dims<3>();
  const Index weights = grad_bias == nullptr ? taps : taps - 1;
  parallel_for(oc, divide_up(4096, taps),
               [&, groups = groups, oc = oc, taps = taps](Index first, Index last) {
                 for (Index o = first; o < last; ++o) {
                   float* const to = grad_weight.data() + o * weights;
                   std::fill_n(to, weights, 0.0F);
                   float bias = 0;
                   for (Index g = 0; g < groups; ++g) {
                     const float* const from = sums.data() + (g * oc + o) * taps;
                     for (Index k = 0; k < weights; ++k) to[k] += from[k];
                     if (grad_bias != nullptr) bias += from[weights];
                   }
                   if (grad_bias != nullptr) grad_bias->data()[o] = bias;
                 }
               });
}

/// Each channel's sum over images and pixels, in double, in four parts that do not wait for each other.
void sum_channels(Tensor& grad_bias, const Tensor& grad_y, const ConvSizes& s) {
  parallel_for(s.oc, 1, [&](Index o, Index) {
    double part[4] = {};
    for (Index n = 0; n < s.n; ++n) {
      const float* const plane = grad_y.data() + n * grad_y.image_stride() + o * s.pixels();
      Index k = 0;
      for (; k + 4 <= s.pixels(); k += 4)
        for (Index lane = 0; lane < 4; ++lane) part[lane] += double{plane[k + lane]};
      for (; k < s.pixels(); ++k) part[0] += double{plane[k]};
    }
    grad_bias.data()[o] = static_cast<float>((part[0] + part[1]) + (part[2] + part[3]));
  });
}

}  // namespace

namespace simd {
Index weight_scratch(const ConvSizes& s) {
  if (winograd_backward_weight_pays(s)) return winograd_weight_scratch(s);
  const Cut cut = cut_for(s, s.taps() + 1);
  const Index tasks = std::min<Index>(thread_count(), cut.groups * cut.channel_blocks * cut.tap_blocks);
  return cut.groups * s.oc * (s.taps() + 1) + tasks * (cut.channels + cut.taps + 2) * row_length;
}
}  // namespace simd

//! [backward weight]
void SimdBackend::conv2d_backward_weight(Tensor& grad_weight, Tensor* grad_bias, const Tensor& grad_y,
                                         const Tensor& x, const ConvGeometry& g) {
  const ConvSizes s = conv_sizes(x, grad_weight, grad_y, g);
  if (simd::winograd_backward_weight_pays(s)) {
    simd::winograd_backward_weight(grad_weight, grad_y, x, s);
    if (grad_bias != nullptr) sum_channels(*grad_bias, grad_y, s);
    return;
  }
  const WeightGradient gradient(grad_y, x, s, grad_bias != nullptr);
  const Cut cut = cut_for(s, gradient.taps);
  Tensor sums = Tensor::zeros({cut.groups, s.oc, gradient.taps});
  parallel_for(cut.groups * cut.channel_blocks * cut.tap_blocks, 1, [&](Index task, Index) {
    const Index o = task % cut.channel_blocks * cut.channels;
    const Index k = task / cut.channel_blocks % cut.tap_blocks * cut.taps;
    const Index group = task / cut.channel_blocks / cut.tap_blocks, n = group * cut.images;
    gradient.add(sums.data() + group * s.oc * gradient.taps, {o, std::min(o + cut.channels, s.oc)},
                 {k, std::min(k + cut.taps, gradient.taps)}, {n, std::min(n + cut.images, s.n)});
  });
  add_groups(grad_weight, grad_bias, sums);
}
//! [backward weight]

}  // namespace cnn
