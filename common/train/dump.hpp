// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/io/safetensors.hpp"
#include "common/nn/container.hpp"
#include "common/train/observer.hpp"

namespace cnn {

/// Watches the layers of a network for the life of a scope, and saves copies of what they compute: to compare one pass with
/// another program's, layer by layer. Changes no number, and costs nothing before and after: what nn::fuse() did is undone
/// meanwhile, so that each layer computes what its name says.
class LayerDump {
 public:
  /// Starts to watch.
  /// \param model  the network, a container; must outlive this object
  /// \throws UsageError  the model is a single layer
  explicit LayerDump(nn::Module& model);
  /// Puts the layers back.
  ~LayerDump();
  LayerDump(const LayerDump&) = delete;
  LayerDump& operator=(const LayerDump&) = delete;

  /// What was seen in the first forward and the first backward pass: `<layer>.output` and `<layer>.grad_input` (dL/dinput, for
  /// layers that return it), in the order of the computation, and `<parameter>.grad` for parameters that have a gradient
  /// now. A layer is named as in PyTorch, "conv.0"; where several have one name, the second is "relu#2", and
  /// one without a name is called by its kind.
  /// \return copies on the host
  io::NamedTensors tensors() const;

  /// Writes tensors() as safetensors.
  /// \param path  file, replaced atomically
  /// \throws DataError  the file cannot be written
  void save(const std::filesystem::path& path) const;

 private:
  class Watched;

  std::string unique(const std::string& name);

  nn::Container& model_;
  bool was_fused_;
  std::shared_ptr<io::NamedTensors> seen_ = std::make_shared<io::NamedTensors>();
  std::map<std::string, int> names_;  // how many layers have one
};

/// Dumps one step of a training: the last one that TrainerOptions::max_steps allows.
class StepDump : public TrainerObserver {
 public:
  /// \param path  file for what the layers compute in that step
  explicit StepDump(std::filesystem::path path) : path_(std::move(path)) {}

  void on_fit_start(Trainer& trainer) override;
  void on_step_start(Trainer& trainer) override;
  bool should_settle() override { return dump_.has_value(); }
  void on_settled(Trainer& trainer) override;

 private:
  std::filesystem::path path_;
  std::optional<LayerDump> dump_;  // while the step is made
};

}  // namespace cnn
