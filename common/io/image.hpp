// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <filesystem>
#include <vector>

#include "common/tensor/tensor.hpp"

namespace cnn::io {

/// Encodes a picture as PNG.
/// \param image  [h, w] or [1, h, w] gray, or [3, h, w] red, green, blue; f32 from 0 (black) to 1 (white), clamped, NaN black;
///               or u8 from 0 to 255
/// \return       the bytes of the file
/// \throws ShapeError  not a picture: another rank or number of channels, no pixels, or more than 2^26 of them
/// \throws DataError   libpng fails
std::vector<std::byte> encode_png(const Tensor& image);

/// Writes a picture as PNG. The file appears whole or not at all.
/// \param path   file to create or replace
/// \param image  as for encode_png()
/// \throws ShapeError  not a picture: another rank or number of channels, no pixels, or more than 2^26 of them
/// \throws DataError   the file cannot be written
void write_png(const std::filesystem::path& path, const Tensor& image);

/// A picture from a file.
struct Picture {
  Tensor
      pixels;  ///< u8, [1, h, w] if no pixel is coloured, else [3, h, w] red, green, blue; 0 black, 255 full
  bool lost_in_black = false;  ///< transparent, and so dark over black that nothing of it can be seen
};

/// Reads a PNG (gray, colour, palette, 16 bits, interlaced) or a JPEG as Pillow does: values are taken as they stand in the
/// file, whatever it says about gamma, colour profile or orientation; of 16 bits the upper 8. Transparent parts are laid over
/// black: a value becomes value * alpha / 255.
/// \param path  the file, at most 64 MiB and 2^26 pixels
/// \return      its pixels
/// \throws DataError  the file is missing, too large, damaged, or neither PNG nor JPEG
/// \note  Pillow's `convert("L")` cuts 16-bit gray off at 255 instead of dividing it; here it is divided.
Picture read_picture(const std::filesystem::path& path);

/// Makes a picture gray as Pillow's `convert("L")` does: 0.299 red + 0.587 green + 0.114 blue.
/// \param pixels  u8 [1, h, w] or [3, h, w]
/// \return        u8 [h, w]
/// \throws ShapeError  another shape or type
Tensor to_gray(const Tensor& pixels);

/// Reads a picture as gray: read_picture(), then to_gray().
/// \param path  the file
/// \return      u8 [h, w], 0 black, 255 white
/// \throws DataError  as read_picture()
Tensor read_gray(const std::filesystem::path& path);

/// How tile() maps values to gray levels.
enum class Contrast {
  none,      ///< values stay what they are
  per_tile,  ///< each tile's smallest value becomes 0, its largest 1; a constant tile becomes 0
  global     ///< as per_tile, but over all tiles at once, so that tiles can be compared
};

/// How tile() lays pictures out.
struct TileOptions {
  Index columns = 0;                       ///< tiles in a row; 0: about as many as rows
  Index gap = 1;                           ///< pixels between tiles, and around them
  Index scale = 1;                         ///< side of the square that shows one value, in pixels
  Contrast contrast = Contrast::per_tile;  ///< how values become gray levels
  float background = 1;                    ///< value of the gaps and of missing tiles
};

/// Lays pictures out in a grid, row by row: feature maps, kernels, a batch.
/// \param images   f32 or u8 (0 ... 255, taken as 0 ... 1) [n, h, w] or [n, 1, h, w]
/// \param options  see TileOptions
/// \return         f32 [H, W], H = rows (scale h + gap) + gap, W likewise
/// \throws ShapeError  the shape is another one, n is 0, or an option is impossible
Tensor tile(const Tensor& images, const TileOptions& options = {});

/// Colours signed values: blue below zero, white at zero, red above.
/// \param values  f32 [h, w]
/// \param limit   absolute value of full colour; 0: the largest in the picture
/// \return        f32 [3, h, w], for write_png()
/// \throws ShapeError  the rank is not 2
Tensor diverging(const Tensor& values, float limit = 0);

/// Enlarges by repeating pixels.
/// \param image   f32 or u8 [..., h, w]
/// \param factor  at least 1
/// \return        [..., factor h, factor w]
/// \throws ShapeError  the rank is below 2 or the factor below 1
Tensor upscale(const Tensor& image, Index factor);

}  // namespace cnn::io
