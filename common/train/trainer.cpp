// SPDX-License-Identifier: MIT
#include "common/train/trainer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <utility>

#include "common/backend/backend.hpp"
#include "common/core/check.hpp"
#include "common/core/process_memory.hpp"
#include "common/nn/fuse.hpp"
#include "common/ops/softmax.hpp"
#include "common/train/console.hpp"
#include "common/train/dump.hpp"
#include "common/train/gradients.hpp"
#include "common/train/interrupt.hpp"
#include "common/train/version.hpp"
#include "common/train/weights.hpp"

namespace cnn {
namespace {

constexpr double checkpoint_interval = 60;  // seconds
constexpr std::size_t timed_steps = 10;     // before the expected time is printed

double now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

}  // namespace

Trainer::Trainer(nn::Module& model, optim::Optimizer& optimizer, Run& run,
                 std::unique_ptr<Communicator> communicator)
    : model_(model),
      optimizer_(optimizer),
      run_(run),
      communicator_(communicator ? std::move(communicator) : std::make_unique<SingleProcess>()) {
  model_.set_input_grad_needed(false);  // nobody asks how the loss changes with the pixels
}

//! [step]
io::StepRecord Trainer::step(const data::Batch& batch) {
  // This process's slice of the batch: all of it, unless several train together.
  const Index n = batch.labels.size();
  const Index first = n * communicator_->rank() / communicator_->size();
  const Index count = n * (communicator_->rank() + 1) / communicator_->size() - first;
  const Device device = nn::device_of(model_);
  const Tensor images = batch.images.rows(first, count).to(device);
  const Tensor labels = batch.labels.rows(first, count).to(device);

  model_.zero_grad();
  const Tensor logits = model_.forward(images);
  ops::CrossEntropy result = ops::softmax_cross_entropy(logits, labels);
  model_.backward(std::move(result.grad));
  combine_gradients(model_, *communicator_, static_cast<float>(count) / static_cast<float>(n));
  optimizer_.step();
  return {.loss = result.loss(), .correct = result.correct_count(), .examples = n};
}
//! [step]

io::StepRecord Trainer::dumped_step(const data::Batch& batch) {
  const LayerDump dump(model_);
  const io::StepRecord record = step(batch);
  if (communicator_->rank() == 0) dump.save(run_.options().dump);
  return record;
}

FitResult Trainer::fit(const data::Dataset& train, const data::Dataset& test) {
  if (run_.options().epochs == 0) {
    evaluate_only(test);
    return FitResult::done;
  }
  const Options& o = run_.options();
  data::DataLoader train_loader(
      train, {.batch_size = o.batch_size, .image_size = o.image_size, .shuffle = true}, run_.rng());
  data::DataLoader test_loader(test, {.batch_size = o.batch_size, .image_size = o.image_size}, run_.rng());
  CNN_CHECK(o.dump.empty() || planned_steps(train_loader) == o.max_steps, UsageError,
            fmt::format("[dump] the run has only {} steps, so there is no step {}; give more --epochs or a "
                        "smaller --max-steps",
                        planned_steps(train_loader), o.max_steps));
  const InterruptGuard guard;
  start(train_loader);
  while (at_.step > 0 || (at_.epoch <= o.epochs && !steps_exhausted())) {  // step > 0: an epoch is unfinished
    if (!train_epoch(train_loader) || !evaluate_epoch(test_loader)) {
      report_interruption();
      return FitResult::interrupted;
    }
  }
  finish();
  if (!report(test)) {
    report_interruption();
    return FitResult::interrupted;
  }
  print_peak_memory(process_memory().peak, run_);
  return FitResult::done;
}

void Trainer::start(data::DataLoader& train) {
  const Options& o = run_.options();
  const nn::Summary layers = nn::summarize(model_, {1, 1, o.image_size, o.image_size});
  if (o.dump.empty()) nn::fuse(model_);  // a dump is to show what each layer returns
  const MemoryPlan memory = plan_memory(model_, train);
  print_cost(layers, memory, run_);
  check_memory(memory, model_, train);
  run_.describe(model_);
  checkpoints_ = std::make_unique<CheckpointStore>(run_.file("checkpoint"), run_.chapter().name);
  const std::optional<Checkpoint> checkpoint = o.resume ? checkpoints_->load() : std::nullopt;
  if (checkpoint) restore(*checkpoint);
  metrics_ = std::make_unique<io::MetricsLog>(run_.file("metrics.jsonl"),
                                              static_cast<std::uint64_t>(at_.metrics_bytes));
  print_training_on(run_);
  if (o.resume) print_resumed(run_.file("metrics.jsonl"), at_, train.size(), run_);
  last_checkpoint_ = now();
}

bool Trainer::train_epoch(data::DataLoader& train) {
  if (at_.step == train.size() || steps_exhausted())
    return true;  // interrupted between the last step and the evaluation
  const std::string rng_before_order = at_.step == 0 ? run_.rng().state() : at_.rng_epoch_start;
  const std::string rng_after_step = run_.rng().state();
  run_.rng().set_state(rng_before_order);
  data::Epoch batches = train.epoch(at_.step);
  if (at_.step > 0) run_.rng().set_state(rng_after_step);
  at_.rng_epoch_start = rng_before_order;
  for (const data::Batch& batch : batches) {
    const double started = now();
    after_step(is_dumped_step() ? dumped_step(batch) : step(batch), train, started);
    if (interrupt_requested() != 0) {
      save_checkpoint();
      return false;
    }
    if (steps_exhausted()) break;
    if (now() - last_checkpoint_ > checkpoint_interval) save_checkpoint();
  }
  return true;
}

void Trainer::after_step(const io::StepRecord& result, const data::DataLoader& train, double started) {
  io::StepRecord record = result;
  record.seconds = now() - started;
  record.epoch = at_.epoch;
  record.step = ++at_.step;
  ++at_.total_steps;
  at_.loss_sum += record.loss;
  at_.correct += record.correct;
  at_.examples += record.examples;
  at_.seconds += record.seconds;
  metrics_->step(record);
  CNN_CHECK(std::isfinite(record.loss), Error,
            fmt::format("[train] the loss is {} in epoch {}, step {}: the weights have left the range of "
                        "numbers; start again "
                        "with a smaller --lr (it was {})",
                        record.loss, record.epoch, record.step, run_.options().learning_rate));
  step_seconds_.push_back(record.seconds);
  if (step_seconds_.size() == timed_steps) expect_time(train);
  const double per_step = at_.seconds / static_cast<double>(at_.step);
  progress_.show({.epoch = at_.epoch,
                  .epochs = run_.options().epochs,
                  .step = at_.step,
                  .steps = train.size(),
                  .loss = at_.loss_sum / static_cast<double>(at_.step),
                  .images_per_second = static_cast<double>(at_.examples) / std::max(at_.seconds, 1e-9),
                  .seconds_left = per_step * static_cast<double>(planned_steps(train) - at_.total_steps)});
}

bool Trainer::evaluate_epoch(data::DataLoader& test) {
  const double started = now();
  const std::string rng_before = run_.rng().state();
  const Evaluation result = evaluate(model_, test, [] { return interrupt_requested() != 0; });
  if (interrupt_requested() != 0) {
    run_.rng().set_state(rng_before);
    save_checkpoint();
    return false;
  }
  const io::EpochRecord record{
      .epoch = at_.epoch,
      .loss = at_.loss_sum / static_cast<double>(at_.step),
      .train_accuracy = static_cast<double>(at_.correct) / static_cast<double>(at_.examples),
      .test_accuracy = result.accuracy,
      .seconds = at_.seconds + now() - started,
      .peak_bytes = process_memory().peak};
  progress_.erase();
  metrics_->epoch(record);
  print_epoch(record, run_);
  at_ = {.epoch = at_.epoch + 1, .total_steps = at_.total_steps};
  save_checkpoint();
  return true;
}

void Trainer::save_checkpoint() {
  if (communicator_->rank() != 0) return;
  metrics_->sync();
  at_.rng = run_.rng().state();
  at_.metrics_bytes = static_cast<Index>(metrics_->bytes());
  at_.rung = rung_description();
  checkpoints_->save({.position = at_, .model = state_dict(model_), .optimizer = optimizer_.state()});
  last_checkpoint_ = now();
}

void Trainer::restore(const Checkpoint& checkpoint) {
  load_state_dict(model_, checkpoint.model, "the checkpoint in " + run_.options().out.string());
  optimizer_.load_state(checkpoint.optimizer);
  at_ = checkpoint.position;
  run_.rng().set_state(at_.rng);
  if (at_.rung != rung_description()) {
    warn(fmt::format(
        "the run was made so far on {}, it goes on with {}: its numbers will differ in the last digits",
        at_.rung, rung_description()));
  }
}

void Trainer::report_interruption() {
  fmt::print("interrupted in epoch {} after step {}; everything is saved, go on with --resume {}\n",
             at_.epoch, at_.step, run_.folder().string());
}

bool Trainer::steps_exhausted() const {
  return run_.options().max_steps > 0 && at_.total_steps >= run_.options().max_steps;
}

bool Trainer::is_dumped_step() const {
  return !run_.options().dump.empty() && at_.total_steps + 1 == run_.options().max_steps;
}

Index Trainer::planned_steps(const data::DataLoader& train) const {
  const Index all = run_.options().epochs * train.size();
  return run_.options().max_steps > 0 ? std::min(all, run_.options().max_steps) : all;
}

void Trainer::expect_time(const data::DataLoader& train) {
  if (run_.options().synthetic) return;
  std::nth_element(step_seconds_.begin(), step_seconds_.begin() + timed_steps / 2, step_seconds_.end());
  const double median = step_seconds_[timed_steps / 2];
  progress_.erase();
  print_expected_time(median, planned_steps(train) - at_.total_steps);
}

}  // namespace cnn
