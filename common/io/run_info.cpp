// SPDX-License-Identifier: MIT
#include "common/io/run_info.hpp"

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

#include "common/core/check.hpp"
#include "common/io/file.hpp"
#include "common/io/number.hpp"

namespace cnn::io {
namespace {

using nlohmann::ordered_json;

constexpr std::uint64_t max_info_bytes = std::uint64_t{1} << 20;

[[noreturn]] void fail_run_info(const std::filesystem::path& path, const std::string& why) {
  throw DataError("[run.json] cannot read " + path.string() + ": " + why +
                  "; it does not describe a run of this program");
}

RunValue to_value(const std::filesystem::path& path, const std::string& key, const ordered_json& value) {
  if (value.is_boolean()) return value.get<bool>();
  if (value.is_number_unsigned()) {
    const auto number = value.get<std::uint64_t>();
    if (number <= static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()))
      return static_cast<std::int64_t>(number);
    return number;
  }
  if (value.is_number_integer()) return value.get<std::int64_t>();
  if (value.is_number_float()) return value.get<double>();
  if (value.is_null()) return std::numeric_limits<double>::quiet_NaN();
  if (value.is_string()) return value.get<std::string>();
  fail_run_info(path, "the value of \"" + key.substr(0, 60) + "\" is a list or an object");
}

}  // namespace

void write_run_json(const std::filesystem::path& path, const RunInfo& info) {
  ordered_json object = ordered_json::object();
  for (const auto& [key, value] : info) {
    CNN_CHECK(!object.contains(key), StateError,
              "[run.json] the key \"" + key + "\" occurs twice; give each a name of its own");
    std::visit([&, &name = key](const auto& v) { object[name] = v; }, value);
  }
  write_file_atomically(path, object.dump(2, ' ', false, ordered_json::error_handler_t::replace) + "\n");
}

RunInfo read_run_json(const std::filesystem::path& path) {
  const ordered_json object = ordered_json::parse(read_file(path, max_info_bytes), nullptr, false);
  if (object.is_discarded()) fail_run_info(path, "it is not JSON");
  if (!object.is_object()) fail_run_info(path, "it is not a JSON object");
  RunInfo info;
  for (const auto& [key, value] : object.items()) info.emplace_back(key, to_value(path, key, value));
  return info;
}

const RunValue* find(const RunInfo& info, const std::string& key) {
  for (const auto& [name, value] : info) {
    if (name == key) return &value;
  }
  return nullptr;
}

std::string to_text(const RunValue& value) {
  struct Writer {
    std::string operator()(bool x) const { return x ? "true" : "false"; }
    std::string operator()(std::int64_t x) const { return std::to_string(x); }
    std::string operator()(std::uint64_t x) const { return std::to_string(x); }
    std::string operator()(double x) const { return fmt::format("{}", x); }
    std::string operator()(const std::string& x) const { return x; }
  };
  return std::visit(Writer{}, value);
}

}  // namespace cnn::io
