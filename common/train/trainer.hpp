// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/data/data_loader.hpp"
#include "common/io/metrics.hpp"
#include "common/io/progress.hpp"
#include "common/nn/module.hpp"
#include "common/optim/optimizer.hpp"
#include "common/train/checkpoint.hpp"
#include "common/train/communicator.hpp"
#include "common/train/evaluate.hpp"
#include "common/train/run.hpp"

namespace cnn {

/// How fit() ended.
enum class FitResult {
  done,        ///< every epoch or --max-steps was reached
  interrupted  ///< SIGINT or SIGTERM: everything is saved, --resume goes on
};

/// The training loop of all chapters: batch, forward, loss, backward, step; a line an epoch; metrics for each step; a
/// checkpoint at the end of each epoch, about every minute within it, and when interrupted.
class Trainer {
 public:
  /// \param model         network that returns logits [n, 10]; must outlive the trainer
  /// \param optimizer     of its parameters; must outlive the trainer
  /// \param run           options, generator and folder; must outlive the trainer
  /// \param communicator  the processes that train together; null for this one alone
  Trainer(nn::Module& model, optim::Optimizer& optimizer, Run& run,
          std::unique_ptr<Communicator> communicator = nullptr);

  /// Trains as the run's options say, or goes on from its latest checkpoint with --resume; writes all files of the run,
  /// at the end those of write_report(). With `--epochs 0` it trains nothing; with --load it then prints the test accuracy and
  /// writes the report. With --dump it writes what the layers compute, see LayerDump.
  /// \param train  training images
  /// \param test   test images
  /// \return       how it ended
  /// \throws Error  the loss became NaN, a file cannot be written, memory is exhausted
  FitResult fit(const data::Dataset& train, const data::Dataset& test);

  /// One optimizer step on one batch.
  /// \param batch  images and labels
  /// \return       loss and number of correct answers before the step
  io::StepRecord step(const data::Batch& batch);

 private:
  void start(data::DataLoader& train);
  io::StepRecord dumped_step(const data::Batch& batch);
  bool is_dumped_step() const;
  bool train_epoch(data::DataLoader& train);
  bool evaluate_epoch(data::DataLoader& test);
  void after_step(const io::StepRecord& record, const data::DataLoader& train, double started);
  void save_checkpoint();
  void restore(const Checkpoint& checkpoint);
  void finish();
  std::optional<Evaluation> report(const data::Dataset& test);
  void dump_evaluation(const data::Dataset& test);
  std::string title() const;
  void evaluate_only(const data::Dataset& test);
  void report_interruption();
  void expect_time(const data::DataLoader& train);
  bool steps_exhausted() const;
  Index planned_steps(const data::DataLoader& train) const;

  nn::Module& model_;
  optim::Optimizer& optimizer_;
  Run& run_;
  std::unique_ptr<Communicator> communicator_;
  std::unique_ptr<CheckpointStore> checkpoints_;
  std::unique_ptr<io::MetricsLog> metrics_;
  io::ProgressBar progress_;
  Position at_;
  std::vector<double> step_seconds_;  // of the first steps, for the expected time
  std::string broken_at_start_;       // tensors that held NaN or infinity then
  double last_checkpoint_ = 0;        // seconds on the steady clock
};

}  // namespace cnn
