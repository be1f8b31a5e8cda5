// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include "common/io/progress.hpp"
#include "common/nn/sequential.hpp"
#include "common/nn/summary.hpp"
#include "common/train/memory.hpp"
#include "common/train/observer.hpp"
#include "common/train/run.hpp"

/// What a training run says on the console.
namespace cnn {

/// Says how a training goes on: on what it runs, the time to expect, the book's line for each epoch with a warning if the
/// network has not begun to learn, and on a terminal a progress bar under it.
class Console : public TrainerObserver {
 public:
  /// \param run  must outlive this object
  explicit Console(Run& run) : run_(run) {}

  void on_fit_start(Trainer& trainer) override;
  void on_step_end(Trainer& trainer, const io::StepRecord& record) override;
  void on_epoch_end(Trainer& trainer, const io::EpochRecord& record) override;
  void on_stop(Trainer& trainer) override;
  void on_fit_end(Trainer& trainer) override;

  /// Prints a table of what the layers did in a step.
  /// \param layers  of one step
  void print(const std::vector<io::LayerRecord>& layers);

 private:
  void print_resumed(const Trainer& trainer) const;
  void print_expected_time(const Trainer& trainer);

  Run& run_;
  io::ProgressBar progress_;
  std::vector<double> step_seconds_;  // of the first steps, for the expected time
};

/// Prints the layer table, then parameters, operations and memory: what the run costs, before it starts.
/// \param layers  of the network, for one image
/// \param memory  what the run will take
/// \param run     the run
void print_cost(const nn::Summary& layers, const MemoryPlan& memory, const Run& run);

/// Prints what becomes of a batch, child by child, as the book does: "vgg_block_1 output shape: [1, 64, 112, 112]". Computes
/// nothing.
/// \param network  the children, one after the other
/// \param x        shape of the batch
/// \throws ShapeError  the batch does not fit
void print_shapes(const nn::Sequential& network, const Shape& x);

/// Prints "warning: ..." on stderr.
/// \param text  what the reader should know, and do
void warn(const std::string& text);

/// \param seconds  a duration
/// \return         "12 s", "3 min 5 s" or "2 h 10 min"
std::string duration_text(double seconds);

}  // namespace cnn
