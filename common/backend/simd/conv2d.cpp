// SPDX-License-Identifier: MIT
#include "common/backend/simd/conv2d.hpp"

#include <algorithm>
#include <vector>

#include "common/backend/simd/epilogue.hpp"
#include "common/backend/simd/gemm.hpp"
#include "common/backend/simd/kept_weight.hpp"
#include "common/backend/simd/simd_backend.hpp"
#include "common/backend/simd/windows.hpp"
#include "common/backend/simd/winograd.hpp"
#include "common/backend/simd/winograd_plan.hpp"

// With X the windows of all images as columns, [taps, images x pixels], and Y, W the output and the kernels as matrices,
// [oc, images x pixels] and [oc, taps]:
//
//     forward   Y = W X          backward   dX = windows of dY, times flipped kernels
//
// No matrix of columns is ever made: its blocks are packed when they are needed (windows.hpp), and the blocks of the result
// go from the cache to where the images are.

namespace cnn {
namespace {

using simd::divide_up;
using simd::Range;

/// Pixels of a batch that a convolution writes: every `step`-th from `first` on.
struct Grid {
  float* data;
  Index image_stride, channel_stride, row_stride;
  Size2d first, step;
};

/// Writes a block of [channels, images x oh x ow] to the images.
void store_images(const Grid& to, const simd::Block& block, const simd::Epilogue& epilogue, Index oh,
                  Index ow) {
  const bool dense = to.step.h == 1 && to.step.w == 1 && to.row_stride == ow;
  const Index length = dense ? oh * ow : ow;  // pixels that are neighbours in memory, `step` apart
  for (Index o = block.rows.first; o < block.rows.last; ++o) {
    const float b = epilogue.bias == nullptr ? 0.0F : epilogue.bias[o], least = epilogue.least;
    const float* from = block.data + (o - block.rows.first) * block.stride;
    for (Index q = block.columns.first; q < block.columns.last;) {
      const Index count = std::min(length - q % length, block.columns.last - q);
      const Index pixel = q % (oh * ow), i = pixel / ow, j = pixel % ow;
      float* const pixels = to.data + q / (oh * ow) * to.image_stride + o * to.channel_stride +
                            (to.first.h + i * to.step.h) * to.row_stride + to.first.w + j * to.step.w;
      if (to.step.w == 1) {
        for (Index k = 0; k < count; ++k) pixels[k] = std::max(from[k] + b, least);
      } else {
        for (Index k = 0; k < count; ++k) pixels[k * to.step.w] = std::max(from[k] + b, least);
      }
      from += count, q += count;
    }
  }
}

/// Taps packed at a time: whole channels, so that none is copied twice.
Index taps_in_turn(const ConvSizes& s) {
  constexpr Index wanted = 256;
  return s.kh * s.kw > wanted ? wanted : wanted / (s.kh * s.kw) * s.kh * s.kw;
}

/// to = kernels times windows.
void correlate(const Grid& to, const simd::PackedRows& kernels, const simd::Windows& windows,
               const simd::Epilogue& epilogue, const ConvSizes& s) {
  simd::multiply(
      kernels, s.n * s.pixels(), taps_in_turn(s),
      [&](float* panels, Range columns, Range taps) {
        windows.pack(panels, simd::kernels().gemm.columns, columns, taps);
      },
      [&](const simd::Block& block) { store_images(to, block, epilogue, s.oh, s.ow); });
}

/// One axis of the gradient of the input of a convolution with stride s: its pixels r with (r + padding) mod s = phase meet
/// only the taps u = phase + s t, at output pixel (r + padding - phase) / s - t. So they are a convolution of stride 1 of
/// the gradient of the output, with every s-th tap in flipped order.
//! [phase]
struct Phase {
  Index phase, stride;
  Index taps;     ///< may be 0
  Index first;    ///< pixel
  Index pixels;   ///< how many
  Index padding;  ///< of that convolution, may be negative

  Phase(Index phase_, Index stride_, Index kernel, Index image, Index padding_)
      : phase(phase_), stride(stride_) {
    taps = phase < kernel ? divide_up(kernel - phase, stride) : 0;
    const Index before = std::max<Index>(padding_ - phase, 0);  // pixels of padding
    first = phase - padding_ + divide_up(before, stride) * stride;
    pixels = first < image ? divide_up(image - first, stride) : 0;
    padding = taps - 1 - divide_up(before, stride);
  }
  /// \return the tap of the convolution that element k of the flipped kernel is
  Index tap(Index k) const { return phase + stride * (taps - 1 - k); }
};
//! [phase]

/// Offsets of the flipped kernels' elements [oc, taps] for input channel 0.
std::vector<Index> flipped_taps(const ConvSizes& s, const Phase& down, const Phase& right) {
  std::vector<Index> offsets;
  for (Index o = 0; o < s.oc; ++o)
    for (Index u = 0; u < down.taps; ++u)
      for (Index v = 0; v < right.taps; ++v)
        offsets.push_back((o * s.ic * s.kh + down.tap(u)) * s.kw + right.tap(v));
  return offsets;
}

ConvSizes phase_sizes(const ConvSizes& s, const Phase& down, const Phase& right) {
  return {.n = s.n,
          .ic = s.oc,
          .oc = s.ic,
          .ih = s.oh,
          .iw = s.ow,
          .oh = down.pixels,
          .ow = right.pixels,
          .kh = down.taps,
          .kw = right.taps,
          .sh = 1,
          .sw = 1,
          .ph = down.padding,
          .pw = right.padding};
}

/// Calls work(down, right) for every pair of phases whose pixels meet a tap.
template <typename Work>
void for_each_phase(const ConvSizes& s, const Work& work) {
  for (Index i = 0; i < std::min(s.sh, s.kh); ++i)
    for (Index j = 0; j < std::min(s.sw, s.kw); ++j) {
      const Phase down(i, s.sh, s.kh, s.ih, s.ph), right(j, s.sw, s.kw, s.iw, s.pw);
      if (down.pixels > 0 && right.pixels > 0) work(down, right);
    }
}

void backward_input_phase(Tensor& grad_x, const Tensor& grad_y, const Tensor& weight, const ConvSizes& s,
                          const Phase& down, const Phase& right) {
  const ConvSizes phase = phase_sizes(s, down, right);
  const Grid to{grad_x.data(), grad_x.image_stride(),     s.ih * s.iw,
                s.iw,          {down.first, right.first}, {s.sh, s.sw}};
  const simd::PackedRows kernels(weight.data(), s.ic, s.kh * s.kw, flipped_taps(s, down, right));
  correlate(to, kernels, {grad_y.data(), grad_y.image_stride(), phase}, {}, phase);
}

}  // namespace

std::shared_ptr<const simd::PackedRows> simd::packed_kernels(const ConvWeights& w, const ConvSizes& s) {
  return kept_or_made<PackedRows>(w.kept, &kernels().gemm, [&] {
    return PackedRows(w.weight.data(), s.oc, s.taps(), multiples(s.taps(), 1));
  });
}

//! [forward]
void simd::packed_conv2d(Tensor& y, const Tensor& x,  // [n, channels, h, w]
                         const ConvWeights& w, const ConvSizes& s) {
  const Grid to{y.data(), y.image_stride(), s.pixels(), s.ow, {0, 0}, {1, 1}};
  const auto kernels = packed_kernels(w, s);
  const Windows windows(x.data(), x.image_stride(), s, w.prologue);
  correlate(to, *kernels, windows, Epilogue(w), s);
}

void SimdBackend::conv2d(Tensor& y, const Tensor& x,  // [n, channels, h, w]
                         const ConvWeights& w, const ConvGeometry& g) {
  ConvSizes s = conv_sizes(x.shape(), w.weight.shape(), g);
  if (w.kept != nullptr) s.images_foreseen = w.kept->images;
  if (simd::few_pixels_pay(s)) return simd::few_pixels_conv2d(y, x, w, s);
  if (simd::winograd_pays(s))  // fewer multiplications
    return simd::winograd_conv2d(y, x, w, s, *simd::best_tile(s));
  if (simd::direct_pays(s)) return simd::direct_conv2d(y, x, w, s);
  simd::packed_conv2d(y, x, w, s);
}
//! [forward]

void SimdBackend::conv2d_backward_input(Tensor& grad_x, const Tensor& grad_y, const Tensor& weight,
                                        const ConvGeometry& g, Write) {
  const ConvSizes s = conv_sizes(grad_x.shape(), weight.shape(), g);
  if (simd::winograd_backward_input_pays(s)) return simd::winograd_backward_input(grad_x, grad_y, weight, s);
  if (s.kh < s.sh || s.kw < s.sw) {  // some pixels meet no tap at all
    for (Index n = 0; n < s.n; ++n)
      std::fill_n(grad_x.data() + n * grad_x.image_stride(), s.ic * s.ih * s.iw, 0.0F);
  }
  for_each_phase(s, [&](const Phase& down, const Phase& right) {
    backward_input_phase(grad_x, grad_y, weight, s, down, right);
  });
}

namespace {

Index correlate_scratch(const ConvSizes& s) {
  const simd::Windows windows(nullptr, 0, s);
  return simd::multiply_scratch(
      s.oc, s.n * s.pixels(), s.taps(), taps_in_turn(s),
      [&](Index columns, Index taps) { return windows.copy_floats(columns, taps); });
}

Index scratch_floats(Operation operation, const ConvSizes& s) {
  if (operation == Operation::conv2d_backward_weight) return simd::weight_scratch(s);
  if (operation == Operation::conv2d) {
    if (simd::winograd_pays(s)) return simd::winograd_scratch(*simd::best_tile(s), s);
    if (simd::direct_pays(s)) return simd::direct_scratch(s);
    return correlate_scratch(s);
  }
  if (simd::winograd_backward_input_pays(s))
    return simd::winograd_scratch(*simd::best_flipped_tile(s), simd::backward_sizes(s));
  Index most = 0;
  for_each_phase(s, [&](const Phase& down, const Phase& right) {
    most = std::max(most, correlate_scratch(phase_sizes(s, down, right)));
  });
  return most;
}

}  // namespace

Index SimdBackend::scratch_bytes(Operation operation, const Shape& x, const Shape& weight,
                                 const ConvGeometry& g) const {
  if (x[0] == 0) return 0;
  const Index floats = x.size() == 2 ? simd::linear_scratch(operation, x[0], weight)
                                     : scratch_floats(operation, conv_sizes(x, weight, g));
  return floats * size_of(DType::f32);
}

}  // namespace cnn
