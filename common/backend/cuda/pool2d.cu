// SPDX-License-Identifier: MIT

// Pooling, one thread for each number of the output. Shapes: x [n, c, ih, iw], y and indices [n, c, oh, ow]; gradients like what
// they belong to. A gradient is gathered: each pixel of x looks into the windows that contain it, so that no two threads add to
// one number, and adds in the order of the rung `reference`, whose bits it has.

#include "common/backend/cuda/cuda_backend.hpp"
#include "common/backend/cuda/for_each.hpp"
#include "common/backend/cuda/quads.hpp"

namespace cnn {
namespace cuda {
namespace {

/// Positions first ... last - 1 along an axis.
struct Range {
  int first, last;
};

/// How windows lie along one axis: window i covers the pixels i stride - padding + u, u < kernel, as far as they are in the image.
struct Axis {
  int pixels, windows, kernel, stride, padding;

  /// The pixels of a window.
  __device__ Range window(int i) const {
    const int start = i * stride - padding;
    return {max(start, 0), min(start + kernel, pixels)};
  }
  /// The windows that contain a pixel.
  __device__ Range containing(int pixel) const {
    const int past = pixel + padding - kernel;  // a window that starts there ends just before the pixel
    return {past < 0 ? 0 : past / stride + 1, min((pixel + padding) / stride + 1, windows)};
  }
};

struct Windows {
  Axis rows, columns;

  Windows(const Shape& x, const Shape& y, const Pool2dOptions& o)
      : rows{to_int32(x[2]), to_int32(y[2]), to_int32(o.kernel.h), to_int32(o.stride.h),
             to_int32(o.padding.h)},
        columns{to_int32(x[3]), to_int32(y[3]), to_int32(o.kernel.w), to_int32(o.stride.w),
                to_int32(o.padding.w)} {}

  /// Elements before channel c of an image of x and of y.
  __device__ int channel_of_x(int c) const { return c * rows.pixels * columns.pixels; }
  __device__ int channel_of_y(int c) const { return c * rows.windows * columns.windows; }
};

/// A channel and a place in it.
struct Place {
  int channel, row, column;
  __device__ Place(int k, int height, int width)
      : channel(k / (height * width)), row(k / width % height), column(k % width) {}
};

/// y_{c,i,j} = max of the window and its position. The first of equal values wins; NaN wins over numbers.
struct Max {
  Images<float> y;
  Images<std::int32_t> indices;  // data is null if they are not wanted
  Images<const float> x;
  Windows w;

  __device__ void operator()(Index n, Index k) const {
    const Place at(static_cast<int>(k), w.rows.windows, w.columns.windows);
    const Range rows = w.rows.window(at.row), columns = w.columns.window(at.column);
    const int width = w.columns.pixels, channel = w.channel_of_x(at.channel);
    int best = rows.first * width + columns.first;
    float maximum = x(n, channel + best);
    for (int row = rows.first; row < rows.last; ++row)
      for (int column = columns.first; column < columns.last; ++column) {
        const float value = x(n, channel + row * width + column);
        if (!(value > maximum) && value == value) continue;
        maximum = value;
        best = row * width + column;
      }
    y(n, k) = maximum;
    if (indices.data != nullptr) indices(n, k) = best;
  }
};

/// grad_x_p = sum of grad_y over the windows whose maximum was pixel p
struct MaxBackward {
  Images<float> grad_x;
  Images<const float> grad_y;
  Images<const std::int32_t> indices;
  Windows w;

  __device__ void operator()(Index n, Index k) const {
    const Place at(static_cast<int>(k), w.rows.pixels, w.columns.pixels);
    const Range rows = w.rows.containing(at.row), columns = w.columns.containing(at.column);
    const int pixel = at.row * w.columns.pixels + at.column, channel = w.channel_of_y(at.channel);
    float sum = 0;
    for (int i = rows.first; i < rows.last; ++i)
      for (int j = columns.first; j < columns.last; ++j) {
        const int window = channel + i * w.columns.windows + j;
        if (indices(n, window) == pixel) sum += grad_y(n, window);
      }
    grad_x(n, k) = sum;
  }
};

/// y_{c,i,j} = sum over the window / (kh kw); padding counts as zeros
struct Mean {
  Images<float> y;
  Images<const float> x;
  Windows w;

  __device__ void operator()(Index n, Index k) const {
    const Place at(static_cast<int>(k), w.rows.windows, w.columns.windows);
    const Range rows = w.rows.window(at.row), columns = w.columns.window(at.column);
    const int channel = w.channel_of_x(at.channel);
    float sum = 0;
    for (int row = rows.first; row < rows.last; ++row)
      for (int column = columns.first; column < columns.last; ++column)
        sum += x(n, channel + row * w.columns.pixels + column);
    y(n, k) = __fdiv_rn(sum, static_cast<float>(w.rows.kernel * w.columns.kernel));
  }
};

/// grad_x_p = sum of grad_y / (kh kw) over the windows that contain pixel p
struct MeanBackward {
  Images<float> grad_x;
  Images<const float> grad_y;
  Windows w;

  __device__ void operator()(Index n, Index k) const {
    const Place at(static_cast<int>(k), w.rows.pixels, w.columns.pixels);
    const Range rows = w.rows.containing(at.row), columns = w.columns.containing(at.column);
    const auto area = static_cast<float>(w.rows.kernel * w.columns.kernel);
    const int channel = w.channel_of_y(at.channel);
    float sum = 0;
    for (int i = rows.first; i < rows.last; ++i)
      for (int j = columns.first; j < columns.last; ++j)
        sum += __fdiv_rn(grad_y(n, channel + i * w.columns.windows + j), area);
    grad_x(n, k) = sum;
  }
};

/// Calls f(n, k) for every element of the images of a tensor.
template <typename F>
void for_each_of(const Tensor& x, const F& f) {
  const Index images = x.shape()[0];
  for_each(images, images == 0 ? 0 : x.size() / images, f);
}

}  // namespace
}  // namespace cuda

using namespace cuda;

void CudaBackend::max_pool2d(Tensor& y, Tensor* indices, const Tensor& x, const Pool2dOptions& o) {
  const DeviceScope scope(y.device().index);
  Images<std::int32_t> positions{};
  if (indices != nullptr) positions = {indices->indices(), indices->image_stride()};
  for_each_of(y, Max{images(y), positions, images(x), Windows(x.shape(), y.shape(), o)});
}

void CudaBackend::max_pool2d_backward(Tensor& grad_x, const Tensor& grad_y, const Tensor& indices,
                                      const Pool2dOptions& o, Write) {
  const DeviceScope scope(grad_x.device().index);
  const Images<const std::int32_t> positions{indices.indices(), indices.image_stride()};
  const Windows windows(grad_x.shape(), grad_y.shape(), o);
  for_each_of(grad_x, MaxBackward{images(grad_x), images(grad_y), positions, windows});
}

void CudaBackend::avg_pool2d(Tensor& y, const Tensor& x, const Pool2dOptions& o) {
  const DeviceScope scope(y.device().index);
  for_each_of(y, Mean{images(y), images(x), Windows(x.shape(), y.shape(), o)});
}

void CudaBackend::avg_pool2d_backward(Tensor& grad_x, const Tensor& grad_y, const Pool2dOptions& o, Write) {
  const DeviceScope scope(grad_x.device().index);
  for_each_of(grad_x,
              MeanBackward{images(grad_x), images(grad_y), Windows(grad_x.shape(), grad_y.shape(), o)});
}

}  // namespace cnn
