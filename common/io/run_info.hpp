// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace cnn::io {

/// A value of `run.json`. Whole numbers read back as std::int64_t if they fit, else as std::uint64_t.
using RunValue = std::variant<bool, std::int64_t, std::uint64_t, double, std::string>;

/// What `run.json` says about a run, in order: options, versions, machine.
using RunInfo = std::vector<std::pair<std::string, RunValue>>;

/// Writes `run.json`, one flat JSON object. The file appears whole or not at all.
/// \param path  file to create or replace
/// \param info  keys and values
/// \throws DataError   the file cannot be written
/// \throws StateError  a key occurs twice
void write_run_json(const std::filesystem::path& path, const RunInfo& info);

/// Reads what write_run_json() wrote, in the same order.
/// \param path  the file
/// \return      keys and values
/// \throws DataError  the file is missing, or is not a flat JSON object
RunInfo read_run_json(const std::filesystem::path& path);

/// \param info  what to search
/// \param key   what for
/// \return      the value, or null if there is no such key
const RunValue* find(const RunInfo& info, const std::string& key);

/// Writes a value as an option's argument: `true`, `5`, `0.9`, `book`.
/// \param value  the value
/// \return       text that reads back as the same value
std::string to_text(const RunValue& value);

}  // namespace cnn::io
