// SPDX-License-Identifier: MIT
#include "common/train/recorder.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "common/core/check.hpp"
#include "common/core/clock.hpp"
#include "common/io/plot.hpp"
#include "common/train/console.hpp"
#include "common/train/onnx.hpp"
#include "common/train/trainer.hpp"
#include "common/train/version.hpp"
#include "common/train/weights.hpp"

namespace cnn {
namespace {

constexpr double checkpoint_interval = 60;  // seconds

/// Refuses to go on with other data: positions in an epoch and outputs of the network would mean something else.
void check_same_data(const Checkpoint& saved, const Trainer& trainer, const ClassNames& classes) {
  CNN_CHECK(
      same_names(saved.classes, classes), DataError,
      fmt::format("[resume] the run was made to tell apart {}; its data set now has {}. Put back the data "
                  "it was made with, or start a new run",
                  fmt::join(saved.classes, ", "), fmt::join(classes, ", ")));
  const Index images = trainer.loader().image_count();
  CNN_CHECK(
      saved.train_images == images, DataError,
      fmt::format("[resume] the run was made with {} training images; its data set now has {}. Put back "
                  "those it was made with, or start a new run, with --load from these weights",
                  saved.train_images, images));
}

}  // namespace

void Recorder::on_fit_start(Trainer& trainer) {
  checkpoints_.emplace(run_.file("checkpoint"), run_.chapter().name);
  const std::optional<Checkpoint> saved = run_.options().resume.empty() ? std::nullopt : checkpoints_->load();
  if (saved) {
    check_same_data(*saved, trainer, run_.class_names());
    load_state_dict(trainer.model(), saved->model, "the checkpoint in " + run_.folder().string());
    trainer.optimizer().load_state(saved->optimizer);
    trainer.restore(saved->position);
    if (saved->rung != rung_description()) {
      warn(fmt::format(
          "the run was made so far on {}, it goes on with {}: its numbers will differ in the last digits",
          saved->rung, rung_description()));
    }
  }
  metrics_.emplace(run_.file("metrics.jsonl"), static_cast<std::uint64_t>(saved ? saved->metrics_bytes : 0));
  last_checkpoint_ = seconds_now();
}

void Recorder::on_step_end(Trainer&, const io::StepRecord& record) { metrics_->step(record); }

void Recorder::write(const std::vector<io::LayerRecord>& layers) {
  for (const io::LayerRecord& layer : layers) metrics_->layer(layer);
}

bool Recorder::should_settle() { return seconds_now() - last_checkpoint_ > checkpoint_interval; }

void Recorder::on_settled(Trainer& trainer) {
  if (should_settle()) save_checkpoint(trainer);
}

void Recorder::on_epoch_end(Trainer& trainer, const io::EpochRecord& record) {
  metrics_->epoch(record);
  save_checkpoint(trainer);
}

void Recorder::save_checkpoint(Trainer& trainer) {
  metrics_->sync();
  checkpoints_->save({.position = trainer.snapshot(),
                      .metrics_bytes = static_cast<Index>(metrics_->bytes()),
                      .rung = rung_description(),
                      .train_images = trainer.loader().image_count(),
                      .classes = run_.class_names(),
                      .model = state_dict(trainer.model()),
                      .optimizer = trainer.optimizer().state()});
  last_checkpoint_ = seconds_now();
}

void Recorder::on_fit_end(Trainer& trainer) {
  const std::vector<io::EpochRecord> epochs = io::read_metrics(run_.file("metrics.jsonl"));
  io::write_metrics_csv(run_.file("metrics.csv"), epochs);
  if (const io::Drawing drawing = io::write_curves(run_.folder(), epochs, run_.title()); !drawing)
    warn("curves.png and curves.svg were not drawn: " + drawing.why_not +
         "; metrics.csv holds their numbers");
  save_weights(run_.file("model.safetensors"), trainer.model(), run_.class_names());
  if (!run_.options().save.empty()) save_weights(run_.options().save, trainer.model(), run_.class_names());
  if (!run_.options().export_onnx.empty())
    export_onnx(run_.options().export_onnx, trainer.model(), run_.image_shape(), run_.class_names(),
                run_.options().fold_batch_norm);
}

}  // namespace cnn
