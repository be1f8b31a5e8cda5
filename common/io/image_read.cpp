// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cstdint>

#include "common/core/check.hpp"
#include "common/io/file.hpp"
#include "common/io/image.hpp"
#include "common/io/pixels.hpp"

namespace cnn::io {
namespace {

constexpr Index most_read_pixels = Index{1} << 26;
constexpr std::uint64_t max_file_bytes = std::uint64_t{64} << 20;
constexpr int darkest_visible = 64;  // a quarter of white

Pixels decode(const std::filesystem::path& path, const std::string& file) {
  if (file.empty()) fail_reading_picture(path, "it is empty; get it again");
  if (file.starts_with("\x89PNG\r\n\x1a\n")) return decode_png(path, file);
  if (file.starts_with("\xff\xd8\xff")) return decode_jpeg(path, file);
  fail_reading_picture(path, "it is neither a PNG nor a JPEG; convert it to one of them first");
}

/// What is left of a value over black, rounded: value * alpha / 255.
std::uint8_t over_black(int value, int alpha) {
  const int product = value * alpha + 128;
  return static_cast<std::uint8_t>((product + (product >> 8)) >> 8);
}

}  // namespace

void fail_reading_picture(const std::filesystem::path& path, const std::string& why) {
  throw DataError("[picture] cannot read " + path.string() + ": " + why);
}

Pixels make_pixels(const std::filesystem::path& path, Index h, Index w) {
  if (h < 1 || w < 1 || h > most_read_pixels / w) {
    fail_reading_picture(path, "it has " + std::to_string(w) + " x " + std::to_string(h) +
                                   " pixels, and 1 to 2^26 are expected; make it smaller first");
  }
  return {h, w, std::vector<std::uint8_t>(static_cast<std::size_t>(4 * h * w), 255)};
}

Picture read_picture(const std::filesystem::path& path) {
  Pixels p = decode(path, read_file(path, max_file_bytes));
  const Index count = p.h * p.w;
  bool transparent = false;
  bool coloured = false;
  int lightest = 0;
  for (Index i = 0; i < count; ++i) {
    std::uint8_t* const rgba = p.bytes.data() + 4 * i;
    transparent = transparent || rgba[3] != 255;
    for (int c = 0; c < 3; ++c) {
      rgba[c] = over_black(rgba[c], rgba[3]);
      lightest = std::max<int>(lightest, rgba[c]);
    }
    coloured = coloured || rgba[0] != rgba[1] || rgba[1] != rgba[2];
  }
  const Index channels = coloured ? 3 : 1;
  Picture picture{Tensor::empty({channels, p.h, p.w}, {}, DType::u8),
                  transparent && lightest < darkest_visible};
  for (Index c = 0; c < channels; ++c) {
    for (Index i = 0; i < count; ++i)
      picture.pixels.pixels()[c * count + i] = p.bytes[static_cast<std::size_t>(4 * i + c)];
  }
  return picture;
}

Tensor to_gray(const Tensor& pixels) {
  CNN_CHECK(pixels.defined() && pixels.rank() == 3 && pixels.dtype() == DType::u8 &&
                (pixels.shape()[0] == 1 || pixels.shape()[0] == 3),
            ShapeError, "[to_gray] a picture is u8 [1, h, w] or [3, h, w]");
  const auto [channels, h, w] = pixels.dims<3>();
  if (channels == 1) return pixels.reshape({h, w});
  Tensor gray = Tensor::empty({h, w}, {}, DType::u8);
  const std::uint8_t* const red = pixels.pixels();
  const std::uint8_t* const green = red + h * w;
  const std::uint8_t* const blue = green + h * w;
  for (Index i = 0; i < h * w; ++i) {  // Pillow's weights: 0.299, 0.587, 0.114, times 2^16
    gray.pixels()[i] =
        static_cast<std::uint8_t>((red[i] * 19595u + green[i] * 38470u + blue[i] * 7471u + 0x8000u) >> 16);
  }
  return gray;
}

Tensor read_gray(const std::filesystem::path& path) { return to_gray(read_picture(path).pixels); }

}  // namespace cnn::io
