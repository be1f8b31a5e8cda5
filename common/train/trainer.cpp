// SPDX-License-Identifier: MIT
#include "common/train/trainer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <cmath>
#include <utility>

#include "common/core/check.hpp"
#include "common/core/clock.hpp"
#include "common/nn/batch_aware.hpp"
#include "common/nn/fuse.hpp"
#include "common/train/gradients.hpp"
#include "common/train/peak_memory.hpp"
#include "common/train/state_dict.hpp"

namespace cnn {

Trainer::Trainer(nn::Module& model, optim::Optimizer& optimizer, Rng& rng, const TrainerOptions& options,
                 std::unique_ptr<Communicator> communicator)
    : model_(model),
      optimizer_(optimizer),
      rng_(rng),
      options_(options),
      communicator_(communicator ? std::move(communicator) : std::make_unique<SingleProcess>()),
      device_(nn::device_of(model)) {
  const Index processes = communicator_->size();
  CNN_CHECK(processes >= 1 && processes <= shard_count && shard_count % processes == 0, UsageError,
            fmt::format("[train] {} processes train together; batches are cut for 1, 2, 4 or 8", processes));
  model_.set_input_grad_needed(false);  // nobody asks how the loss changes with the pixels
  options_.late_records |= device_.type != DeviceType::cpu;
}

//! [step]
ops::RowResults Trainer::launch(const data::Batch& batch) {
  // This process's part of the batch: all of it, unless several train together.
  const BatchPart part = BatchPart::of(batch.labels.size(), *communicator_);
  const Index first = part.shards.first_image(), count = part.shards.image_count();
  const Tensor images = batch.images.rows(first, count).to(device_);
  const Tensor labels = batch.labels.rows(first, count).to(device_);
  const nn::BatchPartScope scope(model_, part);

  model_.zero_grad();
  const Tensor logits = model_.forward(images);
  ops::CrossEntropy result =  // divided by the images of all processes
      ops::softmax_cross_entropy(logits, labels, true, part.shards.images);
  model_.backward(std::move(result.grad));
  join_gradients(model_, part);
  optimizer_.step();
  return communicator_->size() == 1 ? result : gather(result, part.shards.images);
}
//! [step]

/// Those of all processes.
ops::RowResults Trainer::gather(const ops::RowResults& part, Index images) {
  ops::RowResults all = ops::RowResults::empty(images, device_);
  all.losses.copy_from(communicator_->gather(part.losses));
  all.correct.copy_from(communicator_->gather(part.correct));
  return all;
}

io::StepRecord Trainer::step(const data::Batch& batch) {
  const ops::RowResults result = launch(batch);
  return {.loss = result.loss(), .correct = result.correct_count(), .examples = batch.labels.size()};
}

FitResult Trainer::fit(const data::Dataset& train, const data::Dataset& test,
                       std::vector<TrainerObserver*> observers) {
  observers_ = std::move(observers);
  data::LoaderOptions batches{
      .batch_size = options_.batch_size, .image_size = options_.image_size, .device = device_};
  data::DataLoader test_loader(test, batches, rng_);
  batches.shuffle = true;
  loader_.emplace(train, batches, rng_);
  if (options_.fuse) nn::fuse(model_);
  at_ = {};
  FitResult result;
  broken_at_start_ = not_finite(state_dict(model_));
  for (TrainerObserver* observer : observers_) observer->on_fit_start(*this);
  while (at_.step > 0 ||
         (at_.epoch <= options_.epochs && !steps_exhausted())) {  // step > 0: an epoch is unfinished
    if (!train_epoch() || !evaluate_epoch(test_loader, result)) {
      result.stopped = true;
      for (TrainerObserver* observer : observers_) observer->on_stop(*this);
      return result;
    }
  }
  for (TrainerObserver* observer : observers_) observer->on_fit_end(*this);
  return result;
}

bool Trainer::train_epoch() {
  if (at_.step == loader_->size() || steps_exhausted())
    return true;  // stopped between the last step and the evaluation
  data::Epoch batches = start_epoch();
  for (const data::Batch& batch : batches) {
    make_step(batch);
    if (std::any_of(observers_.begin(), observers_.end(), [](auto* o) { return o->should_settle(); })) {
      settle();
      for (TrainerObserver* observer : observers_) observer->on_settled(*this);
    }
    if (should_stop()) {
      settle();
      return false;
    }
    if (steps_exhausted()) break;
  }
  settle();
  return true;
}

/// Draws the order of the epoch; when a part of it is done already, draws it once more and leaves the generator as it was.
data::Epoch Trainer::start_epoch() {
  if (at_.step == 0) {
    at_.rng_epoch_start = rng_.state();
    return loader_->epoch();
  }
  rng_.set_state(at_.rng_epoch_start);
  data::Epoch rest = loader_->epoch(at_.step);
  rng_.set_state(at_.rng);
  return rest;
}

void Trainer::make_step(const data::Batch& batch) {
  for (TrainerObserver* observer : observers_) observer->on_step_start(*this);
  const double started = seconds_now();
  Pending next{.record = {.epoch = at_.epoch, .step = at_.step + 1, .examples = batch.labels.size()},
               .results = Download(launch(batch).bytes),
               .started = started};
  settle();  // the step before, which a device has finished by now
  ++at_.step;
  ++at_.total_steps;
  pending_.emplace(std::move(next));
  if (!options_.late_records) settle();
}

void Trainer::settle() {
  if (!pending_) return;
  Pending pending = std::move(*pending_);
  pending_.reset();
  const ops::RowResults results(pending.results.get());
  io::StepRecord record = pending.record;
  record.loss = results.loss();
  record.correct = results.correct_count();
  const double now = seconds_now();
  record.seconds = now - std::max(pending.started, settled_);
  settled_ = now;
  at_.loss_sum += record.loss;
  at_.correct += record.correct;
  at_.examples += record.examples;
  at_.seconds += record.seconds;
  for (TrainerObserver* observer : observers_) observer->on_step_end(*this, record);
  CNN_CHECK(
      std::isfinite(record.loss) || broken_at_start_.empty(), Error,
      fmt::format("[train] the loss is {} in epoch {}, step {}: the weights the run started with hold NaN or "
                  "infinity in {}; start from others with --load",
                  record.loss, record.epoch, record.step, broken_at_start_));
  CNN_CHECK(std::isfinite(record.loss), Error,
            fmt::format("[train] the loss is {} in epoch {}, step {}: the weights have left the range of "
                        "numbers; start again with a smaller --lr (it was {})",
                        record.loss, record.epoch, record.step, optimizer_.learning_rate()));
}

bool Trainer::evaluate_epoch(data::DataLoader& test, FitResult& result) {
  const double started = seconds_now();
  at_.rng = rng_.state();
  bool stop = false;
  const auto seen = [&](const Tensor& logits, const Tensor& labels) {
    for (TrainerObserver* observer : observers_) observer->on_test_batch(*this, logits, labels);
  };
  const Evaluation evaluation = evaluate(
      model_, test, [&] { return stop = should_stop(); }, seen);
  if (stop || should_stop()) {
    rng_.set_state(at_.rng);
    return false;
  }
  result.epochs.push_back(
      {.epoch = at_.epoch,
       .loss = at_.loss_sum / static_cast<double>(at_.step),
       .train_accuracy = static_cast<double>(at_.correct) / static_cast<double>(at_.examples),
       .test_accuracy = evaluation.accuracy,
       .seconds = at_.seconds + seconds_now() - started,
       .peak_bytes = peak_memory(device_)});
  at_ = {.epoch = at_.epoch + 1, .total_steps = at_.total_steps};
  for (TrainerObserver* observer : observers_) observer->on_epoch_end(*this, result.epochs.back());
  return true;
}

void Trainer::restore(const Position& position) {
  at_ = position;
  rng_.set_state(at_.rng);
}

Position Trainer::snapshot() const {
  assert(!pending_);
  Position position = at_;
  position.rng = rng_.state();
  return position;
}

bool Trainer::in_last_epoch() const { return at_.epoch >= options_.epochs || steps_exhausted(); }

Index Trainer::planned_steps() const {
  const Index all = options_.epochs * loader_->size();
  return options_.max_steps > 0 ? std::min(all, options_.max_steps) : all;
}

bool Trainer::steps_exhausted() const {
  return options_.max_steps > 0 && at_.total_steps >= options_.max_steps;
}

bool Trainer::should_stop() const {
  return std::any_of(observers_.begin(), observers_.end(), [](auto* o) { return o->should_stop(); });
}

}  // namespace cnn
