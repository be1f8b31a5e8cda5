// SPDX-License-Identifier: MIT
#include "common/train/recorder.hpp"

#include <fmt/format.h>

#include "common/core/clock.hpp"
#include "common/io/plot.hpp"
#include "common/train/console.hpp"
#include "common/train/trainer.hpp"
#include "common/train/version.hpp"
#include "common/train/weights.hpp"

namespace cnn {
namespace {

constexpr double checkpoint_interval = 60;  // seconds

}  // namespace

void Recorder::on_fit_start(Trainer& trainer) {
  checkpoints_.emplace(run_.file("checkpoint"), run_.chapter().name);
  const std::optional<Checkpoint> saved = run_.options().resume.empty() ? std::nullopt : checkpoints_->load();
  if (saved) {
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
}

}  // namespace cnn
