// SPDX-License-Identifier: MIT
#pragma once

#include "common/io/metrics.hpp"
#include "common/tensor/tensor.hpp"

namespace cnn {

class Trainer;

/// What watches a training and changes no number of it: console, metrics, checkpoints, interrupts, pictures. Each function does
/// nothing unless it is overridden.
class TrainerObserver {
 public:
  virtual ~TrainerObserver() = default;

  /// Told before the first step, and the place for Trainer::restore(). \param trainer  the training
  virtual void on_fit_start(Trainer& trainer) { static_cast<void>(trainer); }
  /// Told before each step. \param trainer  the training
  virtual void on_step_start(Trainer& trainer) { static_cast<void>(trainer); }
  /// Told what a step measured, in the order of the steps; the next step may have been made meanwhile.
  /// \param trainer  the training
  /// \param record   the step, complete
  virtual void on_step_end(Trainer& trainer, const io::StepRecord& record) {
    static_cast<void>(trainer), static_cast<void>(record);
  }
  /// Asked after each step. \return true to have every record handed out now, and on_settled() called then
  virtual bool should_settle() { return false; }
  /// Told when should_settle() asked for it: nothing is pending, so weights, position and records belong together.
  /// \param trainer  the training
  virtual void on_settled(Trainer& trainer) { static_cast<void>(trainer); }
  /// Told the answers to each batch of the evaluation after an epoch.
  /// \param trainer  the training
  /// \param logits   [n, classes], on the model's device
  /// \param labels   i64 [n]
  virtual void on_test_batch(Trainer& trainer, const Tensor& logits, const Tensor& labels) {
    static_cast<void>(trainer), static_cast<void>(logits), static_cast<void>(labels);
  }
  /// Told what an epoch measured; nothing is pending, and the trainer stands at the start of the next one.
  /// \param trainer  the training
  /// \param record   the epoch
  virtual void on_epoch_end(Trainer& trainer, const io::EpochRecord& record) {
    static_cast<void>(trainer), static_cast<void>(record);
  }
  /// Asked after each step and before each batch of an evaluation. \return true to end the training here
  virtual bool should_stop() { return false; }
  /// Told that the training ends before its time, since should_stop() said so; nothing is pending. \param trainer  the training
  virtual void on_stop(Trainer& trainer) { static_cast<void>(trainer); }
  /// Told after the last epoch. \param trainer  the training
  virtual void on_fit_end(Trainer& trainer) { static_cast<void>(trainer); }
};

}  // namespace cnn
