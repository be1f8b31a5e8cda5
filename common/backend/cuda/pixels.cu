// SPDX-License-Identifier: MIT

// Images of pixels, one thread a pixel of the result. All sums are of integers, and the one division is rounded as the host's: the
// results have the bits of the data loader.

#include "common/backend/pixels.hpp"

#include <cstdint>

#include "common/backend/cuda/device.hpp"
#include "common/backend/cuda/divisor.hpp"
#include "common/backend/cuda/for_each.hpp"
#include "common/backend/cuda/quads.hpp"

namespace cnn {
namespace cuda {
namespace {

__device__ float scaled(int pixel) { return __fdiv_rn(static_cast<float>(pixel), 255.0F); }

/// image = pixel / 255
struct ScalePixels {
  Images<float> images;
  Images<const std::uint8_t> pixels;
  __device__ void operator()(Index n, Index k) const { images(n, k) = scaled(pixels(n, k)); }
};

/// The weights of one direction, in units of 2^-22.
struct Weights {
  static constexpr int precision_bits = 22;
  static constexpr std::int32_t one_half = 1 << (precision_bits - 1);

  const std::int32_t* first;    // [to]
  const std::int32_t* weights;  // [to, taps]
  int taps;

  explicit Weights(const ResizeAxis& axis)
      : first(axis.first.indices()),
        weights(axis.weights.indices()),
        taps(to_int32(axis.weights.shape()[1])) {}

  /// Rounds a sum of weighted pixels to a pixel.
  __device__ static int pixel(std::int32_t sum) { return min(max(sum >> precision_bits, 0), 255); }
};

/// A pixel of the result is a sum of pixels of columns in the rows around it, each of which is rounded first: what passes over the
/// rows and then over the columns would store.
struct ResizePixels {
  Images<float> planes;               // [n c, oh ow]
  Images<const std::uint8_t> pixels;  // [n c, ih iw]
  Weights columns, rows;
  int pixels_of_row;  // iw
  Divisor by_width;   // ow

  __device__ int between_columns(const std::uint8_t* row, int x) const {
    std::int32_t sum = Weights::one_half;
    for (int t = 0; t < columns.taps; ++t)
      sum += columns.weights[x * columns.taps + t] * row[columns.first[x] + t];
    return Weights::pixel(sum);
  }
  __device__ void operator()(Index plane, Index k) const {
    const int y = by_width.quotient(static_cast<int>(k));
    const int x = by_width.rest(static_cast<int>(k), y);
    const std::uint8_t* const row =
        pixels.data + plane * pixels.stride + Index{rows.first[y]} * pixels_of_row;
    std::int32_t sum = Weights::one_half;
    for (int t = 0; t < rows.taps; ++t) {
      const std::int32_t weight = rows.weights[y * rows.taps + t];
      if (weight != 0) sum += weight * between_columns(row + t * pixels_of_row, x);
    }
    planes(plane, k) = scaled(Weights::pixel(sum));
  }
};

}  // namespace
}  // namespace cuda

void images_from_pixels(Tensor& images, const Tensor& pixels, const ResizeAxis& columns,
                        const ResizeAxis& rows) {
  const cuda::DeviceScope scope(images.device().index);
  if (!columns.first.defined()) {
    return cuda::for_each(1, images.size(), cuda::ScalePixels{{images.data(), 0}, {pixels.pixels(), 0}});
  }
  const auto [n, c, oh, ow] = images.dims<4>();
  const Index ih = pixels.shape()[2], iw = pixels.shape()[3];
  cuda::for_each(n * c, oh * ow,
                 cuda::ResizePixels{{images.data(), oh * ow},
                                    {pixels.pixels(), ih * iw},
                                    cuda::Weights(columns),
                                    cuda::Weights(rows),
                                    cuda::to_int32(iw),
                                    cuda::Divisor(ow)});
}

}  // namespace cnn
