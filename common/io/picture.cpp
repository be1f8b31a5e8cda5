// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <string>

#include "common/core/check.hpp"
#include "common/io/image.hpp"

namespace cnn::io {
namespace {

constexpr Index max_side = Index{1} << 16;  // pixels

/// A value v is drawn as (v - low) * factor.
struct Range {
  float low = 0;
  float factor = 1;
};

/// The range of the finite values; a constant has no contrast and is drawn as 0.
Range range_of(const float* values, Index count) {
  float low = std::numeric_limits<float>::infinity();
  float high = -low;
  for (Index i = 0; i < count; ++i) {
    if (!std::isfinite(values[i])) continue;
    low = std::min(low, values[i]);
    high = std::max(high, values[i]);
  }
  if (!(low < high)) return {std::isfinite(low) ? low : 0, 0};
  const float width = high - low;
  return std::isfinite(width) ? Range{low, 1 / width} : Range{0, 1 / high};
}

float drawn(float value, Range range, bool stretch) {
  if (!stretch) return value;
  if (std::isnan(value)) return value;
  if (std::isinf(value)) return value > 0 ? 1 : 0;
  return std::clamp((value - range.low) * range.factor, 0.0f, 1.0f);
}

/// Dense f32 copy on the host, u8 scaled to 0 ... 1.
Tensor as_floats(const Tensor& images) {
  Tensor host = images.to({});
  if (!host.is_dense()) host = host.clone();
  if (host.dtype() == DType::f32) return host;
  Tensor floats = Tensor::empty(host.shape());
  for (Index i = 0; i < host.size(); ++i) floats.data()[i] = static_cast<float>(host.pixels()[i]) / 255.0f;
  return floats;
}

void check_tiles(const Tensor& images, const TileOptions& o) {
  const Index rank = images.rank();
  CNN_CHECK(images.defined() && (images.dtype() == DType::f32 || images.dtype() == DType::u8) &&
                (rank == 3 || (rank == 4 && images.shape()[1] == 1)) && images.size() > 0,
            ShapeError,
            "[tile] needs f32 or u8 [n, h, w] or [n, 1, h, w], not empty; the tensor is " +
                to_string(images.dtype()) + " " + to_string(images.shape()));
  CNN_CHECK(o.columns >= 0 && o.gap >= 0 && o.scale >= 1 && o.gap <= max_side && o.scale <= max_side,
            ShapeError,
            "[tile] needs columns >= 0, gap >= 0 and scale >= 1; they are " + std::to_string(o.columns) +
                ", " + std::to_string(o.gap) + " and " + std::to_string(o.scale));
}

}  // namespace

Tensor tile(const Tensor& images, const TileOptions& options) {
  check_tiles(images, options);
  const Tensor values = as_floats(images);
  const Index n = values.shape().front();
  const Index h = values.shape()[values.shape().size() - 2];
  const Index w = values.shape().back();
  const Index square = static_cast<Index>(std::ceil(std::sqrt(static_cast<double>(n))));
  const Index columns = std::min(n, options.columns > 0 ? options.columns : square);
  const Index rows = (n + columns - 1) / columns;
  const Index gap = options.gap;
  const Index scale = options.scale;
  const auto side = [&](Index tiles, Index pixels) {
    CNN_CHECK(tiles <= max_side && pixels <= max_side, ShapeError,
              "[tile] the picture would be too large; show fewer tiles");
    const Index total = tiles * (pixels * scale + gap) + gap;
    CNN_CHECK(total <= max_side, ShapeError,
              "[tile] the picture would have a side of " + std::to_string(total) +
                  " pixels; use a smaller scale or fewer tiles");
    return total;
  };
  Tensor picture = Tensor::empty({side(rows, h), side(columns, w)});
  const Index width = picture.shape()[1];
  std::fill_n(picture.data(), picture.size(), options.background);

  const bool stretch = options.contrast != Contrast::none;
  Range range = range_of(values.data(), values.size());
  for (Index t = 0; t < n; ++t) {
    const float* const from = values.data() + t * h * w;
    if (options.contrast == Contrast::per_tile) range = range_of(from, h * w);
    float* const corner = picture.data() + (gap + t / columns * (h * scale + gap)) * width + gap +
                          t % columns * (w * scale + gap);
    for (Index i = 0; i < h * scale; ++i) {
      for (Index j = 0; j < w * scale; ++j)
        corner[i * width + j] = drawn(from[i / scale * w + j / scale], range, stretch);
    }
  }
  return picture;
}

Tensor diverging(const Tensor& values, float limit) {
  CNN_CHECK(values.rank() == 2 && values.dtype() == DType::f32, ShapeError,
            "[diverging] needs f32 [h, w]; the tensor is " + to_string(values.dtype()) + " " +
                to_string(values.shape()));
  const Tensor host = as_floats(values);
  const Index pixels = host.size();
  if (!(limit > 0)) {
    for (Index i = 0; i < pixels; ++i) {
      if (std::isfinite(host.data()[i])) limit = std::max(limit, std::fabs(host.data()[i]));
    }
  }
  constexpr float blue[3] = {0.13f, 0.40f, 0.67f};  // colour-blind safe ends
  constexpr float red[3] = {0.70f, 0.09f, 0.17f};
  Tensor colours = Tensor::empty({3, host.shape()[0], host.shape()[1]});
  for (Index i = 0; i < pixels; ++i) {
    const float value = host.data()[i];
    const float strength = limit > 0 ? std::fmin(std::fabs(value) / limit, 1.0f) : 0.0f;
    for (Index c = 0; c < 3; ++c) {
      const float end = value < 0 ? blue[c] : red[c];
      colours.data()[c * pixels + i] = std::isnan(value) ? 0.0f : 1.0f + strength * (end - 1.0f);
    }
  }
  return colours;
}

Tensor upscale(const Tensor& image, Index factor) {
  CNN_CHECK(image.rank() >= 2 && factor >= 1 && factor <= max_side, ShapeError,
            "[upscale] needs [..., h, w] and a factor of 1 or more; the tensor is " +
                to_string(image.shape()) + ", the factor " + std::to_string(factor));
  Tensor host = image.to({});
  if (!host.is_dense()) host = host.clone();
  const Index h = host.shape()[host.shape().size() - 2];
  const Index w = host.shape().back();
  CNN_CHECK(h <= max_side / factor && w <= max_side / factor, ShapeError,
            "[upscale] the picture would be too large; use a smaller factor");
  Shape shape = host.shape();
  shape[shape.size() - 2] = h * factor;
  shape.back() = w * factor;
  Tensor result = Tensor::empty(std::move(shape), {}, host.dtype());
  const Index element = size_of(host.dtype());
  const Index rows = w == 0 ? 0 : result.size() / (w * factor);
  for (Index row = 0; row < rows; ++row) {
    const std::byte* const from =
        host.bytes() + row / factor * w * element;  // rows of all images, one after the other
    std::byte* const to = result.bytes() + row * w * factor * element;
    for (Index j = 0; j < w * factor; ++j) {
      std::memcpy(to + j * element, from + j / factor * element, static_cast<std::size_t>(element));
    }
  }
  return result;
}

}  // namespace cnn::io
