// SPDX-License-Identifier: MIT
#include "common/train/state_dict.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <string_view>

#include "common/core/check.hpp"

namespace cnn {
namespace {

/// A name without what PyTorch's wrappers put into it: DataParallel `module.`, torch.compile() `_orig_mod.`, wherever they
/// stand (a part of a network can be wrapped too).
std::string without_wrappers(std::string_view name) {
  std::string bare;
  while (true) {
    const std::size_t dot = name.find('.');
    const std::string_view part = name.substr(0, dot);
    const bool last = dot == std::string_view::npos;
    if (last || (part != "module" && part != "_orig_mod")) bare += part;
    if (last) return bare;
    if (part != "module" && part != "_orig_mod") bare += '.';
    name.remove_prefix(dot + 1);
  }
}

/// True for the counter of batch norm, which PyTorch has only since 0.4.1 and fills in where it is missing.
bool is_counter(std::string_view name) {
  constexpr std::string_view counter = "num_batches_tracked";
  return name == counter || name.ends_with(".num_batches_tracked");
}

/// Writes the elements of a tensor as another type. False if one of them is no such number.
template <typename To>
bool convert(const Tensor& from, To* to) {
  const auto copy = [&](const auto* first) {
    std::transform(first, first + from.size(), to, [](auto value) { return static_cast<To>(value); });
    return true;
  };
  if (from.dtype() == DType::i64) return copy(from.labels());
  if (from.dtype() == DType::i32) return copy(from.indices());
  if (from.dtype() == DType::u8) return copy(from.pixels());
  constexpr float largest = 0x1p62F;
  const auto values = from.values();
  return std::all_of(values.begin(), values.end(), [](float v) { return std::abs(v) <= largest; }) &&
         copy(from.data());
}

/// A tensor as another one wants it: its elements converted, and one number for a list of one, as PyTorch does when it
/// loads. None where that is not possible: another shape, or a counter that is no number (in half precision it overflows).
std::optional<Tensor> fitted(const Tensor& given, const Tensor& wanted) {
  const bool one_number = wanted.rank() == 0 && given.shape() == Shape{1};
  if (given.shape() != wanted.shape() && !one_number) return std::nullopt;
  const Tensor host = given.to({}).reshape(wanted.shape());
  if (host.dtype() == wanted.dtype()) return host;
  Tensor result = Tensor::empty(wanted.shape(), {}, wanted.dtype());
  const bool done = wanted.dtype() == DType::f32   ? convert(host, result.data())
                    : wanted.dtype() == DType::i64 ? convert(host, result.labels())
                                                   : false;
  return done ? std::optional(result) : std::nullopt;
}

using Given =
    std::map<std::string, std::pair<std::string, Tensor>>;  // by bare name: name in the file, and tensor

Given by_bare_name(const io::NamedTensors& tensors, const std::string& source) {
  Given given;
  for (const auto& [name, tensor] : tensors) {
    const auto [known, is_new] = given.try_emplace(without_wrappers(name), name, tensor);
    CNN_CHECK(is_new, DataError,
              fmt::format("[weights] {} holds both '{}' and '{}', which mean the same tensor; leave one out",
                          source, known->second.first, name));
  }
  return given;
}

/// "'fc.weight' and 2 more tensors"
std::string names_text(const std::string& first, std::size_t more) {
  if (more == 0) return fmt::format("'{}'", first);
  return fmt::format("'{}' and {} more tensor{}", first, more, more == 1 ? "" : "s");
}

}  // namespace

io::NamedTensors state_dict(nn::Module& model) {
  io::NamedTensors tensors;
  for (const auto& [name, parameter] : model.named_parameters()) tensors.emplace_back(name, parameter->value);
  for (const auto& [name, buffer] : model.named_buffers()) tensors.emplace_back(name, buffer->value);
  return tensors;
}

void load_state_dict(nn::Module& model, const io::NamedTensors& tensors, const std::string& source) {
  Given given = by_bare_name(tensors, source);
  std::vector<std::pair<Tensor, Tensor>> copies;  // to, from: nothing is written before all is checked
  for (const auto& [name, tensor] : state_dict(model)) {
    const auto found = given.find(without_wrappers(name));
    if (found == given.end()) {
      CNN_CHECK(
          is_counter(name), DataError,
          fmt::format("[weights] {} has no tensor '{}', which this network needs; its first is '{}'. Load "
                      "weights of the same network and options",
                      source, name, tensors.empty() ? "(none)" : tensors.front().first));
      continue;
    }
    const Tensor& other = found->second.second;
    const std::optional<Tensor> value = fitted(other, tensor);
    const bool overflown = !value && is_counter(name) && other.dtype() == DType::f32 && other.size() == 1;
    CNN_CHECK(value || overflown, DataError,
              fmt::format("[weights] '{}' is {} {} in {}, this network has {} {}; load weights of the same "
                          "network and options",
                          name, to_string(other.dtype()), to_string(other.shape()), source,
                          to_string(tensor.dtype()), to_string(tensor.shape())));
    if (value) copies.emplace_back(tensor, *value);
    given.erase(found);
  }
  CNN_CHECK(
      given.empty(), DataError,
      fmt::format("[weights] {} holds {} that this network does not have; it is of another network", source,
                  given.empty() ? "" : names_text(given.begin()->second.first, given.size() - 1)));
  for (auto& [to, from] : copies) to.copy_from(from);
}

std::string not_finite(const io::NamedTensors& tensors) {
  std::string first;
  std::size_t broken = 0;
  for (const auto& [name, tensor] : tensors) {
    if (tensor.dtype() != DType::f32) continue;
    const Tensor host = tensor.to({});
    const auto values = host.values();
    if (std::all_of(values.begin(), values.end(), [](float v) { return std::isfinite(v); })) continue;
    if (broken++ == 0) first = name;
  }
  return broken == 0 ? "" : names_text(first, broken - 1);
}

}  // namespace cnn
