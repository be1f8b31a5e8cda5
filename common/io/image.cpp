// SPDX-License-Identifier: MIT
#include "common/io/image.hpp"

#include <png.h>

#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include "common/core/check.hpp"
#include "common/io/file.hpp"

namespace cnn::io {
namespace {

constexpr Index max_pixels = Index{1} << 26;

/// Frees what libpng holds, however the scope is left.
struct PngImage : png_image {
  PngImage() : png_image{} { version = PNG_IMAGE_VERSION; }
  ~PngImage() { png_image_free(this); }
  PngImage(const PngImage&) = delete;
  PngImage& operator=(const PngImage&) = delete;
};

std::uint8_t to_byte(float value) {
  if (!(value > 0)) return 0;  // also NaN
  return static_cast<std::uint8_t>(std::lround(std::fmin(value, 1.0f) * 255.0f));
}

/// Height and width of a picture; checks that it is one.
Size2d picture_size(const Tensor& image) {
  const Index rank = image.rank();
  const bool channels_ok = rank == 2 || (rank == 3 && (image.shape()[0] == 1 || image.shape()[0] == 3));
  CNN_CHECK(image.defined() && channels_ok && (image.dtype() == DType::f32 || image.dtype() == DType::u8),
            ShapeError,
            "[write_png] a picture is f32 or u8 [h, w], [1, h, w] or [3, h, w]; this tensor is " +
                to_string(image.dtype()) + " " + to_string(image.shape()));
  const Index h = image.shape()[static_cast<std::size_t>(rank - 2)];
  const Index w = image.shape()[static_cast<std::size_t>(rank - 1)];
  CNN_CHECK(h >= 1 && w >= 1 && h <= max_pixels / w, ShapeError,
            "[write_png] a picture has 1 to 2^26 pixels; this tensor is " + to_string(image.shape()));
  return {h, w};
}

/// Bytes as PNG wants them: the channels of a pixel side by side.
std::vector<std::uint8_t> interleave(const Tensor& image, Index channels, Index pixels) {
  std::vector<std::uint8_t> bytes(static_cast<std::size_t>(channels * pixels));
  for (Index c = 0; c < channels; ++c) {
    for (Index i = 0; i < pixels; ++i) {
      const Index from = c * pixels + i;
      bytes[static_cast<std::size_t>(i * channels + c)] =
          image.dtype() == DType::u8 ? image.pixels()[from] : to_byte(image.data()[from]);
    }
  }
  return bytes;
}

}  // namespace

std::vector<std::byte> encode_png(const Tensor& image) {
  const Size2d size = picture_size(image);
  Tensor host = image.to({});
  if (!host.is_dense()) host = host.clone();
  const Index channels = host.rank() == 3 ? host.shape()[0] : 1;
  const std::vector<std::uint8_t> pixels = interleave(host, channels, size.h * size.w);

  PngImage png;
  png.width = static_cast<png_uint_32>(size.w);
  png.height = static_cast<png_uint_32>(size.h);
  png.format = channels == 3 ? PNG_FORMAT_RGB : PNG_FORMAT_GRAY;
  png_alloc_size_t length = 0;
  bool ok = png_image_write_to_memory(&png, nullptr, &length, 0, pixels.data(), 0, nullptr) != 0;
  std::vector<std::byte> bytes(length);
  ok = ok && png_image_write_to_memory(&png, bytes.data(), &length, 0, pixels.data(), 0, nullptr) != 0;
  CNN_CHECK(ok, DataError,
            std::string("[write_png] cannot encode the picture: ") + png.message + "; try a smaller one");
  bytes.resize(length);
  return bytes;
}

void write_png(const std::filesystem::path& path, const Tensor& image) {
  write_file_atomically(path, std::span<const std::byte>(encode_png(image)));
}

}  // namespace cnn::io
