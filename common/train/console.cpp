// SPDX-License-Identifier: MIT
#include "common/train/console.hpp"

#include <fmt/format.h>

#include <cmath>

#include "common/backend/backend.hpp"
#include "common/core/threads.hpp"
#include "common/io/console.hpp"
#include "common/nn/summary.hpp"

namespace cnn {
namespace {

/// Lines are for a reader who may be watching a pipe or a file: each one is handed on at once.
void print_line(const std::string& line) { io::print(line + "\n"); }

std::string epoch_line(const io::EpochRecord& r) {
  return fmt::format("epoch {}, loss {:.4f}, train acc {:.3f}, test acc {:.3f}", r.epoch, r.loss,
                     r.train_accuracy, r.test_accuracy);
}

/// Says it when the network answers as if it had seen nothing: all ten classes equally likely.
void warn_if_stuck(const io::EpochRecord& r) {
  constexpr double chance = 2.302585;  // ln 10
  if (std::abs(r.loss - chance) > 0.02 || r.train_accuracy > 0.15) return;
  warn(
      fmt::format("the loss stayed at ln 10 = 2.303 during epoch {}: the network still guesses. A flat start "
                  "can pass with "
                  "more steps; if the next epoch looks the same, try another --lr or another --seed",
                  r.epoch));
}

}  // namespace

void print_cost(const nn::Summary& layers, const MemoryPlan& memory, const Run& run) {
  const Options& o = run.options();
  io::print(nn::to_text(layers));
  print_line(fmt::format("{} parameters, {} MACs per image, expected memory of a step at batch {}: {}{}",
                         layers.parameters, layers.macs, o.batch_size, memory_text(memory.step),
                         o.synthetic ? "" : fmt::format(", of the process: {}", memory_text(memory.peak))));
}

void print_shapes(const nn::Sequential& network, const Shape& x) {
  const nn::Spec spec = network.spec();
  Shape shape = x;
  for (std::size_t k = 0; k < network.size(); ++k) {
    shape = network[k].output_shape(shape);
    const auto& [name, child] = spec.children[k];
    print_line(fmt::format("{} output shape: {}", name.empty() ? child.kind : name, to_string(shape)));
  }
}

void print_training_on(const Run& run) {
  const std::string device = to_string(default_device());
  const std::string rung = backend_for(default_device()).name();
  const int threads = thread_count();
  print_line(run.options().synthetic ? fmt::format("training on {} ({})", device, rung)
                                     : fmt::format("training on {} ({}, {} thread{})", device, rung, threads,
                                                   threads == 1 ? "" : "s"));
}

void print_resumed(const std::filesystem::path& metrics, const Position& at, Index steps, const Run& run) {
  for (const io::EpochRecord& record : io::read_metrics(metrics)) {
    print_line(epoch_line(record) +
               (run.options().synthetic ? "" : fmt::format(", time {:.1f} sec", record.seconds)));
  }
  if (at.epoch > run.options().epochs) {
    print_line("the run was finished; its files are written anew");
    return;
  }
  print_line(at.step == 0 ? fmt::format("resumed before epoch {}", at.epoch)
                          : fmt::format("resumed in epoch {} after step {} of {}", at.epoch, at.step, steps));
}

void print_epoch(const io::EpochRecord& record, const Run& run) {
  print_line(epoch_line(record) +
             (run.options().synthetic ? "" : fmt::format(", time {:.1f} sec", record.seconds)));
  if (!run.options().synthetic) warn_if_stuck(record);
}

void print_peak_memory(Index bytes, const Run& run) {
  if (!run.options().synthetic && bytes > 0)
    print_line(fmt::format("peak memory of the process: {}", memory_text(bytes)));
}

void print_expected_time(double seconds_per_step, Index steps) {
  print_line(fmt::format("expected time for the remaining {} steps: {} ({:.1f} ms a step, evaluation aside)",
                         steps, duration_text(seconds_per_step * static_cast<double>(steps)),
                         seconds_per_step * 1e3));
}

void warn(const std::string& text) { io::print_error("warning: " + text + "\n"); }

std::string duration_text(double seconds) {
  const auto total = static_cast<Index>(std::llround(seconds));
  if (total < 60) return fmt::format("{} s", total);
  if (total < 3600) return fmt::format("{} min {} s", total / 60, total % 60);
  return fmt::format("{} h {} min", total / 3600, total % 3600 / 60);
}

}  // namespace cnn
