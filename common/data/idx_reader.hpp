// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>

#include "common/tensor/tensor.hpp"

/// Data sets: reading, resizing, shuffling and batching images.
namespace cnn::data {

/// Reads a file of images in the IDX format, as MNIST and Fashion-MNIST have it: four big-endian 32-bit numbers (0x00000803,
/// count, height, width), then one byte a pixel; or of coloured images (0x00000804, four sizes) as red, green and blue of each
/// pixel or as three planes an image. The file may be compressed with gzip. Sizes are checked against the bytes
/// that are really there before memory is taken for them.
/// \param path  the file
/// \return      u8, [n, h, w], or [n, 3, h, w] of coloured images
/// \throws DataError  the file is missing, damaged, of another format, or shorter or longer than its header says
/// \see    Y. LeCun, C. Cortes and C. Burges, "The MNIST database of handwritten digits"
Tensor read_idx_images(const std::filesystem::path& path);

/// Reads a file of labels in the IDX format: two big-endian 32-bit numbers (0x00000801, count), then one byte a label.
/// \param path  the file, compressed with gzip or not
/// \return      i64, [n], each 0 ... 255
/// \throws DataError  the file is missing, damaged, of another format, or shorter or longer than its header says
Tensor read_idx_labels(const std::filesystem::path& path);

}  // namespace cnn::data
