// SPDX-License-Identifier: MIT
#include "common/io/safetensors_header.hpp"

#include <nlohmann/json.hpp>
#include <set>
#include <utility>

namespace cnn::io {
namespace {

constexpr std::size_t max_axes = 32;
constexpr int deepest = 125;  // nesting in a field nobody knows; the reference reader stops about there

/// Follows the only structure a header may have:
/// {name: {dtype: text, shape: [n…], data_offsets: [n, n], any: thing}, __metadata__: {key: text} or null}.
class HeaderReader : public nlohmann::json_sax<nlohmann::json> {
 public:
  explicit HeaderReader(SafetensorsHeader& header) : header_(header) {}

  const std::string& error() const { return error_; }

  bool key(string_t& text) override {
    if (unknown_depth_ > 0) return true;
    if (depth_ == 1) return start_entry(text);
    unknown_ = !in_metadata_ && text != "dtype" && text != "shape" && text != "data_offsets";
    if (!unknown_ && !fields_.insert(text).second)
      return fail(where() + " has " + in_quotes(text) + " twice");
    field_ = std::move(text);
    return true;
  }

  bool start_object(std::size_t) override {
    if (unknown_) return enter_unknown();
    if (depth_ == 2 || in_array_) return unexpected("an object");
    ++depth_;
    return true;
  }

  bool end_object() override {
    if (unknown_depth_ > 0) return leave_unknown();
    --depth_;
    unknown_ = false;
    if (depth_ != 1 || in_metadata_) return true;
    if (fields_.size() != 3) return fail(where() + " lacks dtype, shape or data_offsets");
    return header_.entries.back().offsets.size() == 2 || fail(where() + " needs two data_offsets");
  }

  bool start_array(std::size_t) override {
    if (unknown_) return enter_unknown();
    if (depth_ != 2 || in_metadata_ || in_array_ || field_ == "dtype") return unexpected("a list");
    in_array_ = true;
    return true;
  }

  bool end_array() override {
    if (unknown_depth_ > 0) return leave_unknown();
    in_array_ = false;
    return true;
  }

  bool string(string_t& text) override {
    if (unknown_) return true;
    if (depth_ != 2 || in_array_) return unexpected("text");
    if (in_metadata_) {
      header_.metadata[field_] = std::move(text);
    } else if (field_ == "dtype") {
      header_.entries.back().dtype = std::move(text);
    } else {
      return unexpected("text");
    }
    return true;
  }

  bool number_unsigned(number_unsigned_t value) override {
    if (unknown_) return true;
    if (!in_array_) return unexpected("a number");
    TensorEntry& entry = header_.entries.back();
    std::vector<std::uint64_t>& numbers = field_ == "shape" ? entry.shape : entry.offsets;
    if (numbers.size() == max_axes) return fail(where() + " has more than 32 axes");
    numbers.push_back(value);
    return true;
  }

  bool number_integer(number_integer_t) override { return unknown_ || unexpected("a negative number"); }
  bool number_float(number_float_t, const string_t&) override {
    return unknown_ || unexpected("a number that is not a whole one");
  }
  bool null() override { return unknown_ || (depth_ == 1 && in_metadata_) || unexpected("null"); }
  bool boolean(bool) override { return unknown_ || unexpected("true or false"); }
  bool binary(binary_t&) override { return unexpected("binary data"); }

  bool parse_error(std::size_t position, const std::string&, const nlohmann::json::exception&) override {
    return fail("its header is not JSON (at byte " + std::to_string(position) + " of it)");
  }

 private:
  bool start_entry(string_t& name) {
    if (!names_.insert(name).second) return fail("its header lists " + in_quotes(name) + " twice");
    in_metadata_ = name == "__metadata__";
    fields_.clear();
    field_.clear();
    current_ = name;
    if (!in_metadata_) header_.entries.push_back({std::move(name), {}, {}, {}});
    return true;
  }

  bool enter_unknown() {
    return ++unknown_depth_ <= deepest ||
           fail(where() + " has a field that is nested too deeply, " + in_quotes(field_));
  }

  bool leave_unknown() {
    --unknown_depth_;
    return true;
  }

  std::string where() const { return in_metadata_ ? "its metadata" : "tensor " + in_quotes(current_); }

  bool unexpected(const std::string& what) {
    if (depth_ == 0) return fail("its header is not a JSON object");
    return fail(where() + " has " + what + " where there should be none" +
                (field_.empty() ? "" : ", in " + in_quotes(field_)));
  }

  bool fail(std::string why) {
    if (error_.empty()) error_ = std::move(why);
    return false;
  }

  SafetensorsHeader& header_;
  std::string error_;
  std::set<std::string> names_;
  std::set<std::string> fields_;
  std::string current_;
  std::string field_;
  int depth_ = 0;
  bool in_array_ = false;
  bool in_metadata_ = false;
  bool unknown_ = false;   // in the value of a field that the format does not know: it is skipped
  int unknown_depth_ = 0;  // lists and objects that are open there
};

}  // namespace

std::string parse_safetensors_header(std::string_view json, SafetensorsHeader& header) {
  const std::size_t zero = json.find('\0');  // which the parser would take for the end
  if (zero != std::string_view::npos)
    return "its header is not JSON (at byte " + std::to_string(zero) + " of it)";
  HeaderReader reader(header);
  const bool ok = nlohmann::json::sax_parse(json.begin(), json.end(), &reader);
  if (ok) return {};
  return reader.error().empty() ? "its header is not JSON" : reader.error();
}

std::string in_quotes(std::string_view text) {
  constexpr std::size_t longest = 60;
  std::string result = "\"";
  for (const char c : text.substr(0, longest))
    result += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? '?' : c;
  return result + (text.size() > longest ? "…\"" : "\"");
}

}  // namespace cnn::io
