// SPDX-License-Identifier: MIT
#include "common/data/idx_reader.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "common/data/byte_source.hpp"

namespace cnn::data {
namespace {

constexpr std::uint32_t images_magic = 0x00000803;
constexpr std::uint32_t coloured_magic = 0x00000804;
constexpr std::uint32_t labels_magic = 0x00000801;
constexpr std::size_t piece_bytes = std::size_t{1} << 20;

[[noreturn]] void fail(const ByteSource& source, const std::string& reason) {
  throw DataError("[idx] " + source.path().string() + " " + reason);
}

std::uint32_t big_endian(const std::uint8_t* bytes) {
  return std::uint32_t{bytes[0]} << 24 | std::uint32_t{bytes[1]} << 16 | std::uint32_t{bytes[2]} << 8 |
         bytes[3];
}

std::string hexadecimal(std::uint32_t number) {
  std::string text = "0x";
  for (int shift = 28; shift >= 0; shift -= 4) text += "0123456789abcdef"[number >> shift & 15U];
  return text;
}

/// What a file that is not IDX seems to be, from its first four bytes.
std::string guess_format(const std::uint8_t* bytes) {
  const std::string_view start(reinterpret_cast<const char*>(bytes), 4);
  if (start == "\x89PNG") return "it is a PNG image";
  if (start.substr(0, 3) == "\xFF\xD8\xFF") return "it is a JPEG image";
  if (start.substr(0, 2) == "PK") return "it is a zip archive; unpack it first";
  if (start == "\x28\xB5\x2F\xFD" || start.substr(0, 3) == "BZh" ||
      start ==
          "\xFD"
          "7zX") {
    return "it is compressed, but not with gzip; decompress it first";
  }
  if (start[0] == '<') return "it is a web page, perhaps the error message of a failed download; get it anew";
  if (bytes[0] == 0 && bytes[1] == 0 && bytes[2] != 8) return "its elements are not bytes";
  const auto is_text = [](char c) { return (c >= ' ' && c <= '~') || c == '\n' || c == '\r' || c == '\t'; };
  if (std::all_of(start.begin(), start.end(), is_text)) return "it looks like text";
  return "it begins with " + hexadecimal(big_endian(bytes));
}

void check_magic(const ByteSource& source, const std::uint8_t* bytes, std::uint32_t wanted) {
  const std::uint32_t magic = big_endian(bytes);
  if (magic == wanted) return;
  const std::string kind = wanted == images_magic ? "images" : "labels";
  if (magic == images_magic || magic == labels_magic) {
    fail(source, "holds " + std::string(magic == images_magic ? "images" : "labels") + " where " + kind +
                     " are expected; the two files seem to be swapped");
  }
  fail(source, "is not an IDX file of " + kind + ": " + guess_format(bytes) + " (expected " +
                   hexadecimal(wanted) + ")");
}

/// The sizes of the axes, as the header declares them.
Shape read_header(ByteSource& source, std::uint32_t magic) {
  std::array<std::uint8_t, 20> bytes{};
  std::size_t got = source.read(std::span(bytes).first(4));
  if (got == 4 && magic == images_magic && big_endian(bytes.data()) == coloured_magic) magic = coloured_magic;
  if (got == 4) check_magic(source, bytes.data(), magic);
  const std::size_t axes = magic & 0xFFU;
  const std::size_t length = 4 + 4 * axes;
  if (got == 4) got += source.read(std::span(bytes).subspan(4, length - 4));
  if (got < length) {
    fail(source, "ends after " + std::to_string(got) + " of the " + std::to_string(length) +
                     " bytes of its header; get it anew");
  }
  Shape shape;
  for (std::size_t axis = 0; axis < axes; ++axis) shape.push_back(big_endian(bytes.data() + 4 + 4 * axis));
  return shape;
}

/// Number of bytes the header promises; refused if the file cannot hold them, before any memory is taken.
std::size_t body_size(const ByteSource& source, const Shape& shape) {
  if (std::find(shape.begin(), shape.end(), Index{0}) != shape.end()) {
    fail(source, "declares " + to_string(shape) + ": there is nothing in it; get it anew");
  }
  Index count = 1;
  bool fits = true;
  for (const Index size : shape) fits = fits && !__builtin_mul_overflow(count, size, &count);
  const std::uintmax_t header = 4 + 4 * shape.size();
  if (!fits || static_cast<std::uintmax_t>(count) > source.most_bytes() - header) {
    fail(source, "declares " + to_string(shape) + " bytes, more than its " +
                     std::to_string(source.file_size()) +
                     " bytes can hold: it is cut off, or its header is damaged; get it anew");
  }
  return static_cast<std::size_t>(count);
}

/// Reads the body piece by piece, so that memory grows with what is really there, and makes sure that nothing follows.
std::vector<std::uint8_t> read_body(ByteSource& source, const Shape& shape) {
  const std::size_t wanted = body_size(source, shape);
  std::vector<std::uint8_t> body;
  body.reserve(std::min(wanted, 64 * piece_bytes));
  while (body.size() < wanted) {
    const std::size_t before = body.size();
    body.resize(std::min(wanted, before + piece_bytes));
    const std::size_t got = source.read(std::span(body).subspan(before));
    if (before + got < body.size()) {
      fail(source, "is cut off: its header declares " + to_string(shape) + ", " + std::to_string(wanted) +
                       " bytes, and " + std::to_string(before + got) + " are there; get it anew");
    }
  }
  std::uint8_t extra = 0;
  if (source.read({&extra, 1}) != 0) {
    fail(source, "has bytes after the " + std::to_string(wanted) + " its header declares, " +
                     to_string(shape) + "; get it anew");
  }
  return body;
}

/// Images with four axes as [n, 3, h, w], or as [n, h, w] if the axis of channels has size 1. It is the last one, else the
/// second one.
Tensor as_planes(const ByteSource& source, const Tensor& images) {
  const auto is_channels = [](Index size) { return size == 1 || size == 3; };
  auto [n, c, h, w] = images.dims<4>();
  const bool interleaved = is_channels(w);
  if (!interleaved && !is_channels(c)) {
    fail(source,
         "declares " + to_string(images.shape()) +
             "; images with four axes are [n, h, w, channels] or [n, channels, h, w], with 1 or 3 channels");
  }
  Tensor planes = images;
  if (interleaved) {
    std::tie(c, h, w) = std::tuple(w, c, h);
    planes = Tensor::empty({n, c, h, w}, {}, DType::u8);
    for (Index i = 0; i < images.size(); ++i)  // from pixel, channel to channel, pixel
      planes.pixels()[(i / (h * w * c) * c + i % c) * h * w + i / c % (h * w)] = images.pixels()[i];
  }
  return c == 1 ? planes.reshape({n, h, w}) : planes;
}

}  // namespace

Tensor read_idx_images(const std::filesystem::path& path) {
  ByteSource source(path);
  const Shape shape = read_header(source, images_magic);
  const std::vector<std::uint8_t> body = read_body(source, shape);
  Tensor images = Tensor::empty(shape, {}, DType::u8);
  std::memcpy(images.pixels(), body.data(), body.size());
  return shape.size() == 4 ? as_planes(source, images) : images;
}

Tensor read_idx_labels(const std::filesystem::path& path) {
  ByteSource source(path);
  const Shape shape = read_header(source, labels_magic);
  const std::vector<std::uint8_t> body = read_body(source, shape);
  Tensor labels = Tensor::empty(shape, {}, DType::i64);
  std::copy(body.begin(), body.end(), labels.labels());
  return labels;
}

}  // namespace cnn::data
