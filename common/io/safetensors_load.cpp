// SPDX-License-Identifier: MIT
#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <limits>

#include "common/core/check.hpp"
#include "common/io/file.hpp"
#include "common/io/safetensors.hpp"
#include "common/io/safetensors_header.hpp"

namespace cnn::io {
namespace fs = std::filesystem;
namespace {

constexpr std::uint64_t max_header = 100'000'000;  // bytes, as in the reference implementation

[[noreturn]] void fail_loading(const fs::path& path, const std::string& why) {
  throw DataError("[safetensors] cannot read " + path.string() + ": " + why);
}

/// Element types of the format that are read, and what they become here.
struct ElementType {
  const char* name;
  std::uint64_t size;
  DType dtype;
};
constexpr std::array<ElementType, 10> element_types{{{"F32", 4, DType::f32},
                                                     {"F64", 8, DType::f32},
                                                     {"F16", 2, DType::f32},
                                                     {"BF16", 2, DType::f32},
                                                     {"I64", 8, DType::i64},
                                                     {"I32", 4, DType::i32},
                                                     {"I16", 2, DType::i64},
                                                     {"I8", 1, DType::i64},
                                                     {"U8", 1, DType::u8},
                                                     {"BOOL", 1, DType::u8}}};

const ElementType& find_type(const fs::path& path, const TensorEntry& entry) {
  const auto found = std::find_if(element_types.begin(), element_types.end(),
                                  [&](const auto& t) { return entry.dtype == t.name; });
  if (found == element_types.end()) {
    fail_loading(path,
                 "tensor " + in_quotes(entry.name) + " has elements of type " + in_quotes(entry.dtype) +
                     "; convert it to F32 or I64 (F64, F16, BF16, I32, I16, I8, U8 and BOOL are read too)");
  }
  return *found;
}

float from_half(std::uint16_t bits) {
  const std::uint32_t sign = std::uint32_t{bits & 0x8000u} << 16;
  const std::uint32_t exponent = (bits >> 10) & 0x1fu;
  const std::uint32_t mantissa = bits & 0x3ffu;
  if (exponent == 0) {  // zero and numbers below the normal ones: mantissa * 2^-24
    const float magnitude = static_cast<float>(mantissa) * 0x1p-24f;
    return sign != 0 ? -magnitude : magnitude;
  }
  const std::uint32_t wide = exponent == 31 ? 255u : exponent + 112u;
  return std::bit_cast<float>(sign | wide << 23 | mantissa << 13);
}

/// Reads elements in pieces and converts them one by one.
template <typename Source, typename To, typename Convert>
void read_converted(const InputFile& file, std::uint64_t offset, std::uint64_t bytes, To* to, Convert one) {
  std::vector<std::byte> piece(static_cast<std::size_t>(std::min<std::uint64_t>(bytes, 1u << 20)));
  while (bytes > 0) {
    piece.resize(static_cast<std::size_t>(std::min<std::uint64_t>(bytes, piece.size())));
    file.read(offset, piece);
    for (std::size_t i = 0; i < piece.size(); i += sizeof(Source)) {
      Source value;
      std::memcpy(&value, piece.data() + i, sizeof(Source));
      *to++ = one(value);
    }
    offset += piece.size();
    bytes -= piece.size();
  }
}

/// Reads a tensor whose elements become others here.
void read_other_type(const InputFile& file, std::uint64_t offset, std::uint64_t bytes,
                     const std::string& dtype, Tensor& tensor) {
  const auto read = [&]<typename Source, typename To>(Source, To* to, auto one) {
    read_converted<Source>(file, offset, bytes, to, one);
  };
  const auto whole = [](auto value) { return static_cast<std::int64_t>(value); };
  if (dtype == "F64") read(double{}, tensor.data(), [](double x) { return static_cast<float>(x); });
  if (dtype == "F16") read(std::uint16_t{}, tensor.data(), from_half);
  if (dtype == "BF16") {
    read(std::uint16_t{}, tensor.data(),
         [](std::uint16_t x) { return std::bit_cast<float>(std::uint32_t{x} << 16); });
  }
  if (dtype == "I16") read(std::int16_t{}, tensor.labels(), whole);
  if (dtype == "I8") read(std::int8_t{}, tensor.labels(), whole);
}

/// A word of a shell command, whatever is in it.
std::string shell_word(const std::string& text) {
  std::string word = "'";
  for (const char c : text) word += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return word + "'";
}

/// The line that makes safetensors of what torch.save() wrote: a state dict, or a checkpoint that holds one under a usual name.
/// Tensors that share memory, which the format refuses, become copies.
std::string conversion_line(const std::string& path) {
  return "  python3 -c \"import sys, torch, safetensors.torch as s; w = torch.load(sys.argv[1], "
         "map_location='cpu'); "
         "w = next((w[k] for k in ('state_dict', 'model_state_dict', 'model') if isinstance(w.get(k), "
         "dict)), w); "
         "s.save_file({k: v.contiguous().clone() for k, v in w.items() if torch.is_tensor(v)}, "
         "sys.argv[2])\" " +
         shell_word(path) + " " + shell_word(path + ".safetensors");
}

/// Refuses other formats with the line that converts them.
void check_format(const fs::path& path, const InputFile& file) {
  if (file.size() < 8) return;
  std::array<unsigned char, 8> first{};
  file.read(0, std::as_writable_bytes(std::span(first)));
  const bool no_length =
      first[4] != 0 || first[5] != 0 || first[6] != 0 || first[7] != 0;  // a header is below 4 GiB
  const bool zip = first[0] == 'P' && first[1] == 'K' && (no_length || (first[2] == 3 && first[3] == 4));
  const bool pickle = first[0] == 0x80 && first[1] >= 2 && first[1] <= 5 && no_length;
  if (!zip && !pickle) return;
  fail_loading(path, std::string("it is a ") + (zip ? "zip archive" : "pickle") +
                         ", as torch.save() writes, not safetensors; convert it with\n" +
                         conversion_line(path.string()));
}

std::string read_header(const fs::path& path, const InputFile& file) {
  if (file.size() == 0) fail_loading(path, "it is empty; get it again");
  check_format(path, file);
  if (file.size() < 8)
    fail_loading(path, "it has only " + std::to_string(file.size()) + " bytes; get it again");
  std::uint64_t length = 0;
  file.read(0, std::as_writable_bytes(std::span(&length, 1)));
  if (length > max_header || length > file.size() - 8) {
    fail_loading(path, "its header should have " + std::to_string(length) + " bytes, the file has " +
                           std::to_string(file.size()) + "; it is truncated, or not a safetensors file");
  }
  std::string json(static_cast<std::size_t>(length), '\0');
  file.read(8, std::as_writable_bytes(std::span(json.data(), json.size())));
  const std::size_t start = json.find_first_not_of(" \t\r\n");
  if (start == std::string::npos || json[start] != '{')
    fail_loading(path, "its header does not start with '{'; it is not a safetensors file");
  return json;
}

/// Bytes of a tensor, after checking that its sizes can be multiplied.
std::uint64_t bytes_of(const fs::path& path, const TensorEntry& entry, const ElementType& type) {
  std::uint64_t product = 8;  // leave room for the widest element
  bool empty = false;
  for (const std::uint64_t size : entry.shape) {
    empty = empty || size == 0;
    if (__builtin_mul_overflow(product, std::max<std::uint64_t>(size, 1), &product) ||
        product > static_cast<std::uint64_t>(std::numeric_limits<Index>::max())) {
      fail_loading(path, "tensor " + in_quotes(entry.name) + " has an impossible shape; the file is damaged");
    }
  }
  return empty ? 0 : product / 8 * type.size;
}

/// Checks that the tensors fill the rest of the file, each byte once.
void check_layout(const fs::path& path, const SafetensorsHeader& header, std::uint64_t data_bytes) {
  std::vector<const TensorEntry*> order;
  for (const TensorEntry& entry : header.entries) {
    const std::uint64_t begin = entry.offsets[0];
    const std::uint64_t end = entry.offsets[1];
    const std::uint64_t expected = bytes_of(path, entry, find_type(path, entry));
    if (begin > end || end - begin != expected) {
      fail_loading(path, "tensor " + in_quotes(entry.name) + " should have " + std::to_string(expected) +
                             " bytes, but its offsets are " + std::to_string(begin) + " and " +
                             std::to_string(end) + "; the file is damaged");
    }
    if (end > data_bytes) {
      fail_loading(path, "tensor " + in_quotes(entry.name) + " ends at byte " + std::to_string(end) + " of " +
                             std::to_string(data_bytes) + "; the file is truncated, get it again");
    }
    order.push_back(&entry);
  }
  std::stable_sort(order.begin(), order.end(),
                   [](const auto* a, const auto* b) { return a->offsets < b->offsets; });
  std::uint64_t position = 0;
  for (const TensorEntry* entry : order) {
    if (entry->offsets[0] != position) {
      fail_loading(path, "tensor " + in_quotes(entry->name) + " starts at byte " +
                             std::to_string(entry->offsets[0]) + " instead of " + std::to_string(position) +
                             "; the file is damaged");
    }
    position = entry->offsets[1];
  }
  if (position != data_bytes) {
    fail_loading(path, "after the last tensor follow more bytes, " + std::to_string(data_bytes - position) +
                           "; the file is damaged");
  }
}

Tensor read_tensor(const fs::path& path, const InputFile& file, std::uint64_t start,
                   const TensorEntry& entry) {
  const ElementType& type = find_type(path, entry);
  const Shape shape(entry.shape.begin(), entry.shape.end());
  Tensor tensor = Tensor::empty(shape, {}, type.dtype);
  const std::uint64_t bytes = entry.offsets[1] - entry.offsets[0];
  const std::uint64_t offset = start + entry.offsets[0];
  if (type.size != static_cast<std::uint64_t>(size_of(type.dtype))) {
    read_other_type(file, offset, bytes, entry.dtype, tensor);
  } else {
    file.read(offset, std::span(tensor.bytes(), static_cast<std::size_t>(bytes)));
  }
  return tensor;
}

}  // namespace

Safetensors load_safetensors(const fs::path& path, std::uint64_t max_bytes) {
  const InputFile file(path);
  if (file.size() > max_bytes) {
    fail_loading(path, "it has " + std::to_string(file.size()) + " bytes, and at most " +
                           std::to_string(max_bytes) + " are expected; check that it is the right file");
  }
  const std::string json = read_header(path, file);
  SafetensorsHeader header;
  const std::string wrong = parse_safetensors_header(json, header);
  if (!wrong.empty()) fail_loading(path, wrong + "; the file is damaged, or not a safetensors file");
  const std::uint64_t start = 8 + json.size();
  check_layout(path, header, file.size() - start);
  Safetensors result;
  for (const TensorEntry& entry : header.entries)
    result.tensors.emplace_back(entry.name, read_tensor(path, file, start, entry));
  result.metadata = std::move(header.metadata);
  return result;
}

}  // namespace cnn::io
