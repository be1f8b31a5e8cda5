// SPDX-License-Identifier: MIT
#include <algorithm>
#include <bit>
#include <nlohmann/json.hpp>
#include <set>

#include "common/core/check.hpp"
#include "common/io/file.hpp"
#include "common/io/safetensors.hpp"

namespace cnn::io {
namespace {

using nlohmann::ordered_json;

static_assert(std::endian::native == std::endian::little, "elements are written as they lie in memory");

std::string format_name(DType dtype) {
  return dtype == DType::u8 ? "U8" : dtype == DType::f32 ? "F32" : dtype == DType::i32 ? "I32" : "I64";
}

Index bytes_of(const Tensor& tensor) { return tensor.size() * size_of(tensor.dtype()); }

void check_tensors(const NamedTensors& tensors) {
  std::set<std::string> names;
  for (const auto& [name, tensor] : tensors) {
    CNN_CHECK(tensor.defined(), StateError,
              "[safetensors] tensor \"" + name + "\" is undefined; give it values first");
    CNN_CHECK(name != "__metadata__", StateError,
              "[safetensors] the name __metadata__ is reserved; choose another");
    CNN_CHECK(names.insert(name).second, StateError,
              "[safetensors] two tensors are named \"" + name + "\"; give each a name of its own");
  }
}

/// Positions of the tensors in the order of their elements: widest type first.
std::vector<std::size_t> data_order(const NamedTensors& tensors) {
  std::vector<std::size_t> order(tensors.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return size_of(tensors[a].second.dtype()) > size_of(tensors[b].second.dtype());
  });
  return order;
}

std::string make_header(const NamedTensors& tensors, const std::vector<std::size_t>& order,
                        const std::map<std::string, std::string>& metadata) {
  std::vector<Index> begins(tensors.size());
  Index end = 0;
  for (const std::size_t i : order) {
    begins[i] = end;
    end += bytes_of(tensors[i].second);
  }
  ordered_json header = ordered_json::object();
  if (!metadata.empty()) header["__metadata__"] = metadata;
  for (std::size_t i = 0; i < tensors.size(); ++i) {
    const auto& [name, tensor] = tensors[i];
    header.emplace(name, ordered_json{{"dtype", format_name(tensor.dtype())},
                                      {"shape", tensor.shape()},
                                      {"data_offsets", {begins[i], begins[i] + bytes_of(tensor)}}});
  }
  std::string text = header.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
  text.resize((text.size() + 7) / 8 * 8, ' ');
  return text;
}

}  // namespace

void save_safetensors(const std::filesystem::path& path, const NamedTensors& tensors,
                      const std::map<std::string, std::string>& metadata) {
  check_tensors(tensors);
  const std::vector<std::size_t> order = data_order(tensors);
  const std::string header = make_header(tensors, order, metadata);
  const std::uint64_t length = header.size();
  AtomicFile file(path);
  file.write(std::as_bytes(std::span(&length, 1)));
  file.write(header);
  for (const std::size_t i : order) {
    Tensor host = tensors[i].second.to({});
    if (!host.is_dense()) host = host.clone();
    file.write(std::span<const std::byte>(host.bytes(), static_cast<std::size_t>(bytes_of(host))));
  }
  file.commit();
}

}  // namespace cnn::io
