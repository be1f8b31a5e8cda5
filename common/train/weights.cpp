// SPDX-License-Identifier: MIT
#include "common/train/weights.hpp"

#include <fmt/format.h>

#include <map>

#include "common/core/check.hpp"

namespace cnn {

io::NamedTensors state_dict(nn::Module& model) {
  io::NamedTensors tensors;
  for (const auto& [name, parameter] : model.named_parameters()) tensors.emplace_back(name, parameter->value);
  for (const auto& [name, buffer] : model.named_buffers()) tensors.emplace_back(name, buffer->value);
  return tensors;
}

void load_state_dict(nn::Module& model, const io::NamedTensors& tensors, const std::string& source) {
  std::map<std::string, const Tensor*> given;
  for (const auto& [name, tensor] : tensors) given[name] = &tensor;
  io::NamedTensors own = state_dict(model);
  for (const auto& [name, tensor] : own) {
    const auto found = given.find(name);
    CNN_CHECK(found != given.end(), DataError,
              fmt::format("[weights] {} has no tensor '{}', so it is not of this network; its first is '{}'",
                          source, name, tensors.empty() ? "(none)" : tensors.front().first));
    CNN_CHECK(found->second->shape() == tensor.shape() && found->second->dtype() == tensor.dtype(), DataError,
              fmt::format("[weights] '{}' is {} {} in {}, this network has {} {}; load weights of the same "
                          "network and options",
                          name, to_string(found->second->dtype()), to_string(found->second->shape()), source,
                          to_string(tensor.dtype()), to_string(tensor.shape())));
    given.erase(found);
  }
  CNN_CHECK(
      given.empty(), DataError,
      fmt::format("[weights] {} holds '{}' and {} more tensors that this network does not have; it is of "
                  "another network",
                  source, given.empty() ? "" : given.begin()->first, given.empty() ? 0 : given.size() - 1));
  for (auto& [name, tensor] : own) {
    for (const auto& [other, value] : tensors) {
      if (other == name) tensor.copy_from(value);
    }
  }
}

void save_weights(const std::filesystem::path& path, nn::Module& model) {
  io::save_safetensors(path, state_dict(model));
}

void load_weights(const std::filesystem::path& path, nn::Module& model) {
  load_state_dict(model, io::load_safetensors(path).tensors, path.string());
}

}  // namespace cnn
