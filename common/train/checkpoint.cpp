// SPDX-License-Identifier: MIT
#include "common/train/checkpoint.hpp"

#include <fmt/format.h>

#include <cstdlib>
#include <utility>

#include "common/core/check.hpp"
#include "common/io/file.hpp"
#include "common/train/weights.hpp"

namespace cnn {
namespace {

namespace fs = std::filesystem;
constexpr const char* checkpoint_format = "2";

std::string exact(double value) { return fmt::format("{:a}", value); }  // hexadecimal: every bit comes back

using Metadata = std::map<std::string, std::string>;

Metadata to_metadata(const Checkpoint& c, const std::string& chapter) {
  const Position& p = c.position;
  return {{"format", checkpoint_format},
          {"chapter", chapter},
          {"epoch", std::to_string(p.epoch)},
          {"step", std::to_string(p.step)},
          {"total_steps", std::to_string(p.total_steps)},
          {"loss_sum", exact(p.loss_sum)},
          {"correct", std::to_string(p.correct)},
          {"examples", std::to_string(p.examples)},
          {"seconds", exact(p.seconds)},
          {"rng_epoch_start", p.rng_epoch_start},
          {"rng", p.rng},
          {"metrics_bytes", std::to_string(c.metrics_bytes)},
          {"rung", c.rung},
          {"train_images", std::to_string(c.train_images)},
          {"classes", to_json(c.classes)}};
}

Index to_count(const Metadata& m, const char* name) { return static_cast<Index>(std::stoll(m.at(name))); }

Position to_position(const Metadata& m) {
  const auto count = [&m](const char* name) { return to_count(m, name); };
  const auto real = [&m](const char* name) { return std::strtod(m.at(name).c_str(), nullptr); };
  return {.epoch = count("epoch"),
          .step = count("step"),
          .total_steps = count("total_steps"),
          .loss_sum = real("loss_sum"),
          .correct = count("correct"),
          .examples = count("examples"),
          .seconds = real("seconds"),
          .rng_epoch_start = m.at("rng_epoch_start"),
          .rng = m.at("rng")};
}

io::NamedTensors with_prefix(const std::string& prefix, const io::NamedTensors& tensors) {
  io::NamedTensors named;
  for (const auto& [name, tensor] : tensors) named.emplace_back(prefix + name, tensor);
  return named;
}

io::NamedTensors without_prefix(const std::string& prefix, const io::NamedTensors& tensors) {
  io::NamedTensors named;
  for (const auto& [name, tensor] : tensors) {
    if (name.starts_with(prefix)) named.emplace_back(name.substr(prefix.size()), tensor);
  }
  return named;
}

std::string file_name(int generation) { return fmt::format("{}.safetensors", generation); }

}  // namespace

CheckpointStore::CheckpointStore(fs::path folder, std::string chapter)
    : folder_(std::move(folder)), chapter_(std::move(chapter)) {}

std::optional<int> CheckpointStore::latest() const {
  if (!fs::exists(folder_ / "latest")) return std::nullopt;
  const std::string text = io::read_file(folder_ / "latest", 16);
  CNN_CHECK(text == "0\n" || text == "1\n", DataError,
            fmt::format("[resume] {} does not name a checkpoint; write 0 or 1 into it to choose one by hand",
                        (folder_ / "latest").string()));
  return text[0] - '0';
}

void CheckpointStore::save(const Checkpoint& checkpoint) {
  std::error_code error;
  fs::create_directories(folder_, error);
  CNN_CHECK(!error, DataError,
            fmt::format("[checkpoint] cannot make {}: {}", folder_.string(), error.message()));
  const int generation = 1 - latest().value_or(1);
  io::NamedTensors tensors = with_prefix("model.", checkpoint.model);
  for (auto& named : with_prefix("optimizer.", checkpoint.optimizer)) tensors.push_back(std::move(named));
  io::save_safetensors(folder_ / file_name(generation), tensors, to_metadata(checkpoint, chapter_));
  io::write_file_atomically(folder_ / "latest", fmt::format("{}\n", generation));
}

std::optional<Checkpoint> CheckpointStore::load() const {
  const std::optional<int> generation = latest();
  if (!generation) return std::nullopt;
  const fs::path file = folder_ / file_name(*generation);
  io::Safetensors content = io::load_safetensors(file);
  const auto format = content.metadata.find("format");
  CNN_CHECK(format != content.metadata.end() && format->second == checkpoint_format, DataError,
            fmt::format("[resume] {} is a checkpoint of format {}, this version reads {}; resume it with the "
                        "version that wrote it",
                        file.string(), format == content.metadata.end() ? "unknown" : format->second,
                        checkpoint_format));
  CNN_CHECK(content.metadata["chapter"] == chapter_, DataError,
            fmt::format("[resume] {} is a checkpoint of '{}', not of '{}'", file.string(),
                        content.metadata["chapter"], chapter_));
  try {
    return Checkpoint{.position = to_position(content.metadata),
                      .metrics_bytes = to_count(content.metadata, "metrics_bytes"),
                      .rung = content.metadata.at("rung"),
                      .train_images = to_count(content.metadata, "train_images"),
                      .classes = class_names_in(content, file),
                      .model = without_prefix("model.", content.tensors),
                      .optimizer = without_prefix("optimizer.", content.tensors)};
  } catch (const std::exception&) {
    throw DataError(fmt::format(
        "[resume] {} is damaged: its position cannot be read; start the run anew with --overwrite",
        file.string()));
  }
}

}  // namespace cnn
