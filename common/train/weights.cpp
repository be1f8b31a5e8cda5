// SPDX-License-Identifier: MIT
#include "common/train/weights.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "common/core/check.hpp"
#include "common/data/fashion_mnist.hpp"
#include "common/train/console.hpp"

namespace cnn {
namespace {

/// Warns of weights with which nothing can be computed.
void warn_if_broken(const std::string& broken, const std::string& source) {
  if (broken.empty()) return;
  warn(fmt::format(
      "{} holds NaN or infinity in {}: what the network computes with it means nothing; load weights "
      "that were saved before the training went wrong",
      source, broken));
}

}  // namespace

std::string to_json(const ClassNames& names) {
  return nlohmann::json(names).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

ClassNames class_names_in(const io::Safetensors& content, const std::filesystem::path& path) {
  const auto found = content.metadata.find("classes");
  if (found == content.metadata.end()) return {};
  try {
    return nlohmann::json::parse(found->second).get<ClassNames>();
  } catch (const nlohmann::json::exception&) {
    throw DataError(
        fmt::format("[weights] the entry 'classes' of {} is '{}', and a list of names is expected: "
                    "[\"cat\", \"dog\"]; save the weights again without it",
                    path.string(), found->second));
  }
}

bool same_names(const ClassNames& a, const ClassNames& b) { return to_json(a) == to_json(b); }

void save_weights(const std::filesystem::path& path, nn::Module& model, const ClassNames& classes) {
  std::map<std::string, std::string> metadata;
  if (!classes.empty() && classes != data::class_names()) metadata["classes"] = to_json(classes);
  io::save_safetensors(path, state_dict(model), metadata);
}

WeightsInfo read_weights_info(const std::filesystem::path& path) {
  const io::Safetensors content = io::load_safetensors(path);
  WeightsInfo info{.classes = class_names_in(content, path)};
  const auto first = std::find_if(content.tensors.begin(), content.tensors.end(),
                                  [](const auto& named) { return named.second.rank() == 4; });
  if (first != content.tensors.end()) info.channels = first->second.shape()[1];
  return info;
}

void load_weights(const std::filesystem::path& path, nn::Module& model, const ClassNames& classes) {
  const io::Safetensors content = io::load_safetensors(path);
  const ClassNames own = class_names_in(content, path);
  CNN_CHECK(
      own.empty() || classes.empty() || same_names(own, classes), DataError,
      fmt::format("[weights] {} tells apart {}; the data set has {}. Load weights of the same classes, or "
                  "name their data set with --data",
                  path.string(), fmt::join(own, ", "), fmt::join(classes, ", ")));
  load_state_dict(model, content.tensors, path.string());
  warn_if_broken(not_finite(state_dict(model)), path.string());
}

}  // namespace cnn
