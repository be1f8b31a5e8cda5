// SPDX-License-Identifier: MIT
#include "common/train/console.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "common/backend/backend.hpp"
#include "common/core/table.hpp"
#include "common/core/threads.hpp"
#include "common/io/console.hpp"
#include "common/train/peak_memory.hpp"
#include "common/train/trainer.hpp"

namespace cnn {
namespace {

constexpr std::size_t timed_steps = 10;  // before the expected time is printed

/// Lines are for a reader who may be watching a pipe or a file: each one is handed on at once.
void print_line(const std::string& line) { io::print(line + "\n"); }

std::string epoch_line(const io::EpochRecord& r, const Run& run) {
  return fmt::format("epoch {}, loss {:.4f}, train acc {:.3f}, test acc {:.3f}{}", r.epoch, r.loss,
                     r.train_accuracy, r.test_accuracy,
                     run.options().synthetic ? "" : fmt::format(", time {:.1f} sec", r.seconds));
}

/// Whose memory a device's tensors take: "of the process" or "on cuda:0".
std::string owner_of(Device device) {
  return device.type == DeviceType::cpu ? "of the process" : "on " + to_string(device);
}

/// Says it when the network answers as if it had seen nothing: all classes equally likely.
void warn_if_stuck(const io::EpochRecord& r, std::size_t classes) {
  const double n = static_cast<double>(classes), chance = std::log(n);
  if (std::abs(r.loss - chance) > 0.02 || r.train_accuracy > 1.5 / n) return;
  warn(fmt::format(
      "the loss stayed at ln {} = {:.3f} during epoch {}: the network still guesses. A flat start can pass "
      "with more steps; if the next epoch looks the same, try another --lr or another --seed",
      classes, chance, r.epoch));
}

}  // namespace

void print_cost(const nn::Summary& layers, const MemoryPlan& memory, const Run& run) {
  const Options& o = run.options();
  io::print(nn::to_text(layers));
  print_line(fmt::format(
      "{} parameters, {} MACs per image, expected memory of a step at batch {}: {}{}", layers.parameters,
      layers.macs, o.batch_size, memory_text(memory.step),
      o.synthetic ? "" : fmt::format(", {}: {}", owner_of(memory.device), memory_text(memory.peak))));
}

void print_shapes(const nn::Sequential& network, const Shape& x) {
  Shape shape = x;
  for (const auto& [name, layer] : network.children()) {
    shape = layer->output_shape(shape);
    print_line(
        fmt::format("{} output shape: {}", name.empty() ? layer->spec().kind : name, to_string(shape)));
  }
}

void Console::on_fit_start(Trainer& trainer) {
  const std::string device = to_string(nn::device_of(trainer.model()));
  const std::string rung = backend_for(nn::device_of(trainer.model())).name();
  const int threads = thread_count();
  print_line(run_.options().synthetic ? fmt::format("training on {} ({})", device, rung)
                                      : fmt::format("training on {} ({}, {} thread{})", device, rung, threads,
                                                    threads == 1 ? "" : "s"));
  if (!run_.options().resume.empty()) print_resumed(trainer);
}

/// The epochs of the interrupted run, and where it goes on.
void Console::print_resumed(const Trainer& trainer) const {
  for (const io::EpochRecord& record : io::read_metrics(run_.file("metrics.jsonl")))
    print_line(epoch_line(record, run_));
  const Position& at = trainer.position();
  if (at.epoch > trainer.options().epochs) {
    print_line("the run was finished; its files are written anew");
    return;
  }
  print_line(at.step == 0 ? fmt::format("resumed before epoch {}", at.epoch)
                          : fmt::format("resumed in epoch {} after step {} of {}", at.epoch, at.step,
                                        trainer.loader().size()));
}

void Console::on_step_end(Trainer& trainer, const io::StepRecord& record) {
  step_seconds_.push_back(record.seconds);
  if (step_seconds_.size() == timed_steps && !run_.options().synthetic) print_expected_time(trainer);
  const Position& at = trainer.position();
  const auto steps = static_cast<double>(record.step);
  const Index left = trainer.planned_steps() - at.total_steps;
  progress_.show({.epoch = record.epoch,
                  .epochs = trainer.options().epochs,
                  .step = record.step,
                  .steps = trainer.loader().size(),
                  .loss = at.loss_sum / steps,
                  .images_per_second = static_cast<double>(at.examples) / std::max(at.seconds, 1e-9),
                  .seconds_left = at.seconds / steps * static_cast<double>(left)});
}

void Console::print_expected_time(const Trainer& trainer) {
  std::nth_element(step_seconds_.begin(), step_seconds_.begin() + timed_steps / 2, step_seconds_.end());
  const double median = step_seconds_[timed_steps / 2];
  const Index steps = trainer.planned_steps() - trainer.position().total_steps;
  progress_.erase();
  print_line(fmt::format("expected time for the remaining {} steps: {} ({:.1f} ms a step, evaluation aside)",
                         steps, duration_text(median * static_cast<double>(steps)), median * 1e3));
}

void Console::print(const std::vector<io::LayerRecord>& layers) {
  Table table({fmt::format("epoch {}, step {}", layers.front().epoch, layers.front().step),
               "spread between images", "norm of the gradient"},
              1);
  for (const io::LayerRecord& r : layers)
    table.add(
        {r.layer, fmt::format("{:.2g}", r.spread), r.gradient > 0 ? fmt::format("{:.2g}", r.gradient) : ""});
  progress_.erase();
  io::print(table.draw());
}

void Console::on_epoch_end(Trainer&, const io::EpochRecord& record) {
  progress_.erase();
  print_line(epoch_line(record, run_));
  if (!run_.options().synthetic) warn_if_stuck(record, run_.class_names().size());
}

void Console::on_stop(Trainer& trainer) {
  progress_.erase();
  print_line(fmt::format("interrupted in epoch {} after step {}; everything is saved, go on with --resume {}",
                         trainer.position().epoch, trainer.position().step, run_.folder().string()));
}

void Console::on_fit_end(Trainer& trainer) {
  const Device device = nn::device_of(trainer.model());
  const Index peak = peak_memory(device);
  if (!run_.options().synthetic && peak > 0)
    print_line(fmt::format("peak memory {}: {}", owner_of(device), memory_text(peak)));
}

void warn(const std::string& text) { io::print_error("warning: " + text + "\n"); }

std::string duration_text(double seconds) {
  const auto total = static_cast<Index>(std::llround(seconds));
  if (total < 60) return fmt::format("{} s", total);
  if (total < 3600) return fmt::format("{} min {} s", total / 60, total % 60);
  return fmt::format("{} h {} min", total / 3600, total % 3600 / 60);
}

}  // namespace cnn
