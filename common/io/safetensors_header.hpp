// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace cnn::io {

/// One entry of a safetensors header, as it stands there.
struct TensorEntry {
  std::string name;                    ///< key
  std::string dtype;                   ///< "F32", …
  std::vector<std::uint64_t> shape;    ///< sizes of the axes
  std::vector<std::uint64_t> offsets;  ///< begin and end, in bytes after the header
};

/// A safetensors header.
struct SafetensorsHeader {
  std::vector<TensorEntry> entries;             ///< in the order of the file
  std::map<std::string, std::string> metadata;  ///< the entry __metadata__
};

/// Reads the JSON of a header as it streams by: anything the format does not allow ends the reading at once, so that memory
/// stays in proportion to what is allowed. As the format's own reader does, it skips the fields of an entry that it does not
/// know, and takes null for metadata.
/// \param json    the text
/// \param header  what was read
/// \return        empty, or what is wrong
std::string parse_safetensors_header(std::string_view json, SafetensorsHeader& header);

/// Makes a name from a foreign file fit for a message: quoted, at most 60 characters, control characters replaced.
/// \param text  the name
/// \return      text
std::string in_quotes(std::string_view text);

}  // namespace cnn::io
