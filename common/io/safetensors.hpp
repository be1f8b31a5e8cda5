// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "common/tensor/tensor.hpp"

namespace cnn::io {

/// Tensors by name, in the order in which they are listed in a file.
using NamedTensors = std::vector<std::pair<std::string, Tensor>>;

/// Content of a safetensors file.
struct Safetensors {
  NamedTensors tensors;                         ///< host tensors, in the order of the header
  std::map<std::string, std::string> metadata;  ///< free text by key, such as a format version
};

/// Writes tensors in the safetensors format, which Python's `safetensors.torch.load_file` reads. The file appears whole or
/// not at all.
///
/// Layout: the header's length (64 bits, little-endian), the header (JSON, padded with spaces to a multiple of 8 bytes), then the
/// elements, row-major and little-endian, without gaps. The header lists the tensors in the given order; the elements of the
/// widest type come first, so that each tensor is aligned to its element size, as PyTorch's reader requires.
/// \param path      file to create or replace
/// \param tensors   names and tensors, on any device; a scalar has shape []
/// \param metadata  free text by key
/// \throws DataError   the file cannot be written
/// \throws StateError  a name occurs twice or is reserved, or a tensor is undefined
/// \see https://github.com/huggingface/safetensors
void save_safetensors(const std::filesystem::path& path, const NamedTensors& tensors,
                      const std::map<std::string, std::string>& metadata = {});

/// Largest file load_safetensors() accepts unless told otherwise, in bytes: five times a VGG-11 with the state of Adam.
constexpr std::uint64_t default_max_weights = std::uint64_t{8} << 30;

/// Reads a safetensors file. F32, I64, I32, U8 and BOOL are kept (BOOL as u8); F64, F16 and BF16 become f32, I16 and I8 i64.
/// Everything in the header is checked against the size of the file before any tensor is allocated.
/// \param path       the file
/// \param max_bytes  a larger file is refused before anything is read
/// \return           tensors and metadata
/// \throws DataError  the file is missing, truncated, damaged or of another format; the text names file, reason and remedy
Safetensors load_safetensors(const std::filesystem::path& path,
                             std::uint64_t max_bytes = default_max_weights);

}  // namespace cnn::io
