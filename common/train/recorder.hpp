// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <vector>

#include "common/io/metrics.hpp"
#include "common/train/checkpoint.hpp"
#include "common/train/observer.hpp"
#include "common/train/run.hpp"

namespace cnn {

/// Writes a training down in its run folder: the metrics of each step and epoch; a checkpoint after each epoch, about every
/// minute within it, and when it is stopped; at the end the curves and the weights. With --resume it first puts model,
/// optimizer and trainer to where the latest checkpoint was made.
class Recorder : public TrainerObserver {
 public:
  /// \param run  whose folder and options; must outlive this object
  explicit Recorder(Run& run) : run_(run) {}

  void on_fit_start(Trainer& trainer) override;
  void on_step_end(Trainer& trainer, const io::StepRecord& record) override;
  bool should_settle() override;
  void on_settled(Trainer& trainer) override;
  void on_epoch_end(Trainer& trainer, const io::EpochRecord& record) override;
  void on_stop(Trainer& trainer) override { save_checkpoint(trainer); }
  void on_fit_end(Trainer& trainer) override;

  /// Writes down what the layers did in a step; between on_fit_start() and on_fit_end().
  /// \param layers  of one step
  void write(const std::vector<io::LayerRecord>& layers);

 private:
  void save_checkpoint(Trainer& trainer);

  Run& run_;
  std::optional<CheckpointStore> checkpoints_;
  std::optional<io::MetricsLog> metrics_;
  double last_checkpoint_ = 0;  // seconds_now()
};

}  // namespace cnn
