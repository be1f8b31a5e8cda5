// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/backend/communicator.hpp"
#include "common/data/data_loader.hpp"
#include "common/io/metrics.hpp"
#include "common/nn/module.hpp"
#include "common/ops/softmax.hpp"
#include "common/optim/optimizer.hpp"
#include "common/train/evaluate.hpp"
#include "common/train/observer.hpp"
#include "common/train/position.hpp"

namespace cnn {

/// How long to train, and on what batches.
struct TrainerOptions {
  Index epochs = 1;        ///< passes over the training images
  Index batch_size = 256;  ///< images a step
  Index image_size = 28;   ///< side the images are resized to, in pixels
  Index max_steps = 0;     ///< stop after so many steps; 0 for no limit
  bool fuse = true;        ///< let layers do the work of a ReLU after them, see nn::fuse(); no number changes
  bool late_records =
      false;  ///< read the loss of a step while the next one runs, as is always done on a device
};

/// What fit() came to.
struct FitResult {
  std::vector<io::EpochRecord> epochs;  ///< those finished, in order
  bool stopped = false;                 ///< whether an observer ended it before its time
};

/// The training loop: batch, forward, loss, backward, step, and an evaluation after each epoch. It knows nothing of folders
/// and consoles; whoever wants to see more than the result adds observers.
class Trainer {
 public:
  /// \param model         network that returns logits [n, classes], on its device; must outlive the trainer
  /// \param optimizer     of its parameters; must outlive the trainer
  /// \param rng           what the order of the images is drawn from; must outlive the trainer
  /// \param options       how long, and on what batches
  /// \param communicator  the processes that train together, 1, 2, 4 or 8 with the same weights and generators; null for this
  ///                      one alone
  /// \throws UsageError  there is another number of processes
  Trainer(nn::Module& model, optim::Optimizer& optimizer, Rng& rng, const TrainerOptions& options,
          std::unique_ptr<Communicator> communicator = nullptr);

  /// Trains from the first epoch on, or from where an observer's on_fit_start() restores the position.
  /// \param train      training images
  /// \param test       test images
  /// \param observers  told and asked in this order
  /// \return           the epochs, and whether an observer stopped it
  /// \throws Error  the loss became NaN or infinite, or an observer failed
  FitResult fit(const data::Dataset& train, const data::Dataset& test,
                std::vector<TrainerObserver*> observers = {});

  /// One optimizer step on one batch, of which no observer hears.
  /// \param batch  images and labels
  /// \return       loss and number of correct answers before the step
  io::StepRecord step(const data::Batch& batch);

  /// Goes on from a position of a former training; call it in on_fit_start(), when model and optimizer have their state.
  /// \param position  where from
  void restore(const Position& position);

  /// \return where the training stands, so that restore() can go on from it; valid when nothing is pending
  Position snapshot() const;

  /// \return where the training stands; only snapshot() has the generator
  const Position& position() const noexcept { return at_; }
  /// \return true from the last training step on
  bool in_last_epoch() const;
  /// \return steps of the whole training
  Index planned_steps() const;
  /// \return what fit() takes the training images from, while it runs
  const data::DataLoader& loader() const { return *loader_; }
  /// \return how long, and on what batches
  const TrainerOptions& options() const noexcept { return options_; }
  /// \return the network
  nn::Module& model() noexcept { return model_; }
  /// \return the optimizer
  optim::Optimizer& optimizer() noexcept { return optimizer_; }

 private:
  /// A step whose loss has not been read.
  struct Pending {
    io::StepRecord record;  // without what is read later
    Download results;       // bytes of ops::RowResults
    double started;
  };

  ops::RowResults launch(const data::Batch& batch);
  ops::RowResults gather(const ops::RowResults& part, Index images);
  void make_step(const data::Batch& batch);
  void settle();
  data::Epoch start_epoch();
  bool train_epoch();
  bool evaluate_epoch(data::DataLoader& test, FitResult& result);
  bool steps_exhausted() const;
  bool should_stop() const;

  nn::Module& model_;
  optim::Optimizer& optimizer_;
  Rng& rng_;
  TrainerOptions options_;
  std::unique_ptr<Communicator> communicator_;
  Device device_;
  std::vector<TrainerObserver*> observers_;
  std::optional<data::DataLoader> loader_;
  std::optional<Pending> pending_;
  double settled_ = 0;  // when the last record was handed out, in seconds on the steady clock
  Position at_;
  std::string broken_at_start_;  // tensors that held NaN or infinity then
};

}  // namespace cnn
