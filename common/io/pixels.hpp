// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "common/core/shape.hpp"

/// What reading a picture is made of, and nobody else needs.
namespace cnn::io {

/// Pixels of a file as it holds them.
struct Pixels {
  Index h = 0;                      ///< rows
  Index w = 0;                      ///< columns
  std::vector<std::uint8_t> bytes;  ///< red, green, blue and alpha of each pixel, row by row
};

/// Refuses a picture.
/// \param path  the file
/// \param why   what is wrong, and what to do
/// \throws DataError  always
[[noreturn]] void fail_reading_picture(const std::filesystem::path& path, const std::string& why);

/// Takes memory for a picture, unless it is too large.
/// \param path  the file, for the message
/// \param h     rows, as the file declares them
/// \param w     columns
/// \return      an opaque picture
/// \throws DataError  it has no pixels, or more than 2^26
Pixels make_pixels(const std::filesystem::path& path, Index h, Index w);

/// Decodes a PNG: 16 bits become the upper 8, and gamma and colour profiles are passed over, as in Pillow.
/// \param path  the file, for messages
/// \param file  its bytes
/// \return      its pixels
/// \throws DataError  it is damaged, incomplete or too large
Pixels decode_png(const std::filesystem::path& path, std::string_view file);

/// Decodes a JPEG: gray, colour, or the inverted cyan, magenta, yellow and black that Adobe's programs write. Its orientation
/// (EXIF) is passed over, as in Pillow.
/// \param path  the file, for messages
/// \param file  its bytes
/// \return      its pixels, opaque
/// \throws DataError  it is damaged, incomplete or too large
Pixels decode_jpeg(const std::filesystem::path& path, std::string_view file);

}  // namespace cnn::io
