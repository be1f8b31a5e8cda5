// SPDX-License-Identifier: MIT
#pragma once

#include <functional>
#include <optional>
#include <utility>
#include <vector>

#include "common/io/metrics.hpp"
#include "common/io/safetensors.hpp"
#include "common/train/dump.hpp"
#include "common/train/observer.hpp"

namespace cnn {

/// Measures what the layers did in one pass.
/// \param tensors  what LayerDump saw
/// \return         a record for each layer, in the order of the computation; epoch and step are 0
std::vector<io::LayerRecord> measure_layers(const io::NamedTensors& tensors);

/// Measures the layers in the first step of a training and in every N-th one. Changes no number.
class LayerWatch : public TrainerObserver {
 public:
  /// What is done with the layers of one step.
  using Use = std::function<void(const std::vector<io::LayerRecord>&)>;

  /// \param every  N, in steps
  /// \param use    told what was measured
  LayerWatch(Index every, Use use) : every_(every), use_(std::move(use)) {}

  void on_step_start(Trainer& trainer) override;
  bool should_settle() override { return dump_.has_value(); }
  void on_settled(Trainer& trainer) override;

 private:
  Index every_;
  Use use_;
  std::optional<LayerDump> dump_;  // while the step is made
};

}  // namespace cnn
