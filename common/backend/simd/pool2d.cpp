// SPDX-License-Identifier: MIT
#include <algorithm>
#include <limits>

#include "common/backend/simd/kernels.hpp"
#include "common/backend/simd/simd_backend.hpp"
#include "common/backend/simd/unfused.hpp"
#include "common/core/threads.hpp"

// Channels are pooled one by one. While one is, it and its split copy stay in the cache, so memory is passed over once.

namespace cnn {
namespace {

constexpr Index values_per_piece = 32768;

const simd::PoolKernels& pooling() { return simd::unfused_kernels().pool; }

/// Where channel `plane` of all channels of all images begins.
Index offset(const Tensor& x, Index plane) {
  const Index c = x.shape()[1];
  return plane / c * x.image_stride() + plane % c * (x.shape()[2] * x.shape()[3]);
}

/// Calls work(first, last) for groups of channels of all images.
template <typename Work>
void for_each_group(const Tensor& x, const Work& work) {
  const auto [n, c, h, w] = x.dims<4>();
  parallel_for(n * c, values_per_piece / (h * w) + 1, work);
}

simd::PoolSizes pool_sizes(const Tensor& y, const Tensor& x, const Pool2dOptions& o) {
  const auto [n, c, ih, iw] = x.dims<4>();
  const Index oh = y.shape()[2], ow = y.shape()[3];
  const auto& [k, stride, p] = o;
  const Size2d s{stride.h, ow > 1 ? stride.w : 1};  // one window is not moved
  const Index width = simd::kernels().width;
  // Registers begin at each v / sw and end beyond the last output; pixels right of the last window have a place too.
  const Index read = (k.w - 1) / s.w + (ow + width - 1) / width * width;
  const Index written = (iw - 1 + p.w) / s.w + 1;
  return {ih, iw, oh, ow, k.h, k.w, s.h, s.w, p.h, p.w, std::max(read, written)};
}

/// Calls pool(split, plane) for every channel with memory for its split rows, in which the padding has the value given.
template <typename Pool>
void pool_channels(const Tensor& x, const simd::PoolSizes& s, float padding, const Pool& pool) {
  for_each_group(x, [&](Index first, Index last) {
    Tensor split = Tensor::empty({s.split_size()});
    std::fill_n(split.data(), s.split_size(), padding);
    for (Index plane = first; plane < last; ++plane) pool(split.data(), plane);
  });
}

bool windows_fill_image(const Pool2dOptions& o) {
  return o.kernel.h == o.stride.h && o.kernel.w == o.stride.w && o.padding.h == 0 && o.padding.w == 0;
}

/// Writes value / (kh kw) to each pixel of its window and zero to those of no window; windows lie side by side.
void spread_windows(float* grad_x, const float* grad_y, const simd::PoolSizes& s) {
  const auto area = static_cast<float>(s.kh * s.kw);
  std::fill_n(grad_x + s.oh * s.kh * s.iw, (s.ih - s.oh * s.kh) * s.iw, 0.0F);
  for (Index i = 0; i < s.oh; ++i, grad_y += s.ow) {
    float* const row = grad_x + i * s.kh * s.iw;
    for (Index j = 0; j < s.ow; ++j) std::fill_n(row + j * s.kw, s.kw, grad_y[j] / area);
    std::fill_n(row + s.ow * s.kw, s.iw - s.ow * s.kw, 0.0F);
    for (Index u = 1; u < s.kh; ++u) std::copy_n(row, s.iw, row + u * s.iw);
  }
}

}  // namespace

void SimdBackend::max_pool2d(Tensor& y, Tensor* indices, const Tensor& x, const Pool2dOptions& o) {
  const simd::PoolSizes s = pool_sizes(y, x, o);
  pool_channels(x, s, -std::numeric_limits<float>::infinity(), [&](float* split, Index plane) {
    std::int32_t* const index = indices == nullptr ? nullptr : indices->indices() + offset(*indices, plane);
    pooling().maximum(y.data() + offset(y, plane), index, split, x.data() + offset(x, plane), s);
  });
}

void SimdBackend::max_pool2d_backward(Tensor& grad_x, const Tensor& grad_y, const Tensor& indices,
                                      const Pool2dOptions&, Write) {
  const Index in = grad_x.shape()[2] * grad_x.shape()[3], out = grad_y.shape()[2] * grad_y.shape()[3];
  for_each_group(grad_x, [&](Index first, Index last) {
    for (Index plane = first; plane < last; ++plane) {
      float* const channel = grad_x.data() + offset(grad_x, plane);
      const float* const grad = grad_y.data() + offset(grad_y, plane);
      const std::int32_t* const index = indices.indices() + offset(indices, plane);
      std::fill_n(channel, in, 0.0F);
      for (Index k = 0; k < out; ++k) channel[index[k]] += grad[k];
    }
  });
}

void SimdBackend::avg_pool2d(Tensor& y, const Tensor& x, const Pool2dOptions& o) {
  const simd::PoolSizes s = pool_sizes(y, x, o);
  const bool whole = windows_fill_image(o) && s.kh == s.ih && s.kw == s.iw;
  if (whole) {
    for_each_group(x, [&](Index first, Index last) {
      for (Index plane = first; plane < last; ++plane)
        y.data()[offset(y, plane)] = pooling().mean(x.data() + offset(x, plane), s.ih * s.iw);
    });
    return;
  }
  pool_channels(x, s, 0.0F, [&](float* split, Index plane) {
    pooling().average(y.data() + offset(y, plane), split, x.data() + offset(x, plane), s);
  });
}

void SimdBackend::avg_pool2d_backward(Tensor& grad_x, const Tensor& grad_y, const Pool2dOptions& o, Write) {
  if (!windows_fill_image(o)) return below().avg_pool2d_backward(grad_x, grad_y, o, Write::overwrites);
  const simd::PoolSizes s = pool_sizes(grad_y, grad_x, o);
  for_each_group(grad_x, [&](Index first, Index last) {
    for (Index plane = first; plane < last; ++plane)
      spread_windows(grad_x.data() + offset(grad_x, plane), grad_y.data() + offset(grad_y, plane), s);
  });
}

}  // namespace cnn
