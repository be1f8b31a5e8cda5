// SPDX-License-Identifier: MIT
#include "common/data/resize.hpp"

#include <algorithm>
#include <cmath>
#include <string>

namespace cnn::data {
namespace {

constexpr int precision_bits = 22;  // Pillow's: 32 bits less 8 for the pixel and 2 for the sum
constexpr std::int32_t one_half = 1 << (precision_bits - 1);
constexpr Index largest_side = 65535;

std::uint8_t to_pixel(std::int32_t sum) {
  return static_cast<std::uint8_t>(std::clamp(sum >> precision_bits, 0, 255));
}

void check_size(Size2d size) {
  CNN_CHECK(size.h >= 1 && size.w >= 1 && size.h <= largest_side && size.w <= largest_side, UsageError,
            "[resize] size " + to_string(size) + " given; sides must be 1 to " +
                std::to_string(largest_side) + " pixels");
}

}  // namespace

BilinearResize::BilinearResize(Size2d from, Size2d to) : from_(from), to_(to) {
  check_size(from);
  check_size(to);
  columns_ = make_axis(from.w, to.w);
  rows_ = make_axis(from.h, to.h);
}

BilinearResize::Axis BilinearResize::make_axis(Index from, Index to) {
  const double scale = static_cast<double>(from) / static_cast<double>(to);
  const double support =
      std::max(scale, 1.0);  // half the width of the triangle: it grows when the image shrinks
  Axis axis;
  axis.taps = std::min(static_cast<Index>(std::ceil(support)) * 2 + 1, from);
  axis.first.resize(static_cast<std::size_t>(to));
  axis.weights.assign(static_cast<std::size_t>(to * axis.taps), 0);
  std::vector<double> w(static_cast<std::size_t>(axis.taps));
  for (Index i = 0; i < to; ++i) {
    const double centre = (static_cast<double>(i) + 0.5) * scale;
    const Index low = std::max(static_cast<Index>(centre - support + 0.5), Index{0});
    const Index high = std::min(static_cast<Index>(centre + support + 0.5), from);
    double sum = 0;
    for (Index x = low; x < high; ++x) {
      const double distance = (static_cast<double>(x) - centre + 0.5) * (1.0 / support);
      w[static_cast<std::size_t>(x - low)] = std::max(0.0, 1.0 - std::abs(distance));
      sum += w[static_cast<std::size_t>(x - low)];
    }
    const Index first =
        std::min(low, from - axis.taps);  // so that all taps lie inside; the ones added weigh nothing
    axis.first[static_cast<std::size_t>(i)] = first;
    for (Index x = low; x < high; ++x) {
      const double share = w[static_cast<std::size_t>(x - low)] / sum;
      axis.weights[static_cast<std::size_t>(i * axis.taps + x - first)] =
          static_cast<std::int32_t>(0.5 + share * (1 << precision_bits));
    }
  }
  return axis;
}

void BilinearResize::resize_row(const std::uint8_t* input, std::uint8_t* output) const {
  const std::int32_t* weight = columns_.weights.data();
  for (Index x = 0; x < to_.w; ++x) {
    const std::uint8_t* pixel = input + columns_.first[static_cast<std::size_t>(x)];
    std::int32_t sum = one_half;
    for (Index t = 0; t < columns_.taps; ++t) sum += *weight++ * pixel[t];
    output[x] = to_pixel(sum);
  }
}

void BilinearResize::interpolate_rows(const std::uint8_t* rows, Index y, std::int32_t* sums,
                                      std::uint8_t* output) const {
  std::fill(sums, sums + to_.w, one_half);
  for (Index t = 0; t < rows_.taps; ++t) {
    const std::int32_t weight = rows_.weights[static_cast<std::size_t>(y * rows_.taps + t)];
    const std::uint8_t* row = rows + (rows_.first[static_cast<std::size_t>(y)] + t) * to_.w;
    if (weight == 0) continue;
    for (Index x = 0; x < to_.w; ++x) sums[x] += weight * row[x];
  }
  for (Index x = 0; x < to_.w; ++x) output[x] = to_pixel(sums[x]);
}

void BilinearResize::operator()(const std::uint8_t* input, std::uint8_t* output) const {
  std::vector<std::uint8_t> rows(static_cast<std::size_t>(from_.h * to_.w));
  std::vector<std::int32_t> sums(static_cast<std::size_t>(to_.w));
  for (Index y = 0; y < from_.h; ++y) resize_row(input + y * from_.w, rows.data() + y * to_.w);
  for (Index y = 0; y < to_.h; ++y) interpolate_rows(rows.data(), y, sums.data(), output + y * to_.w);
}

Tensor resize_bilinear(const Tensor& images, Index height, Index width) {
  CNN_CHECK(images.rank() == 3 && images.dtype() == DType::u8, ShapeError,
            "[resize] expects u8 images [n, h, w]; got " + to_string(images.dtype()) + " " +
                to_string(images.shape()));
  const auto [n, h, w] = images.dims<3>();
  const BilinearResize resize({h, w}, {height, width});
  Tensor result = Tensor::empty({n, height, width}, {}, DType::u8);
  for (Index i = 0; i < n; ++i) {
    resize(images.pixels() + i * images.image_stride(), result.pixels() + i * height * width);
  }
  return result;
}

}  // namespace cnn::data
