// SPDX-License-Identifier: MIT
// What a training leaves behind, and what is done with weights that need none.
#include <fmt/format.h>

#include "common/io/console.hpp"
#include "common/io/plot.hpp"
#include "common/train/console.hpp"
#include "common/train/dump.hpp"
#include "common/train/interrupt.hpp"
#include "common/train/report.hpp"
#include "common/train/trainer.hpp"
#include "common/train/weights.hpp"

namespace cnn {

void Trainer::finish() {
  const std::vector<io::EpochRecord> epochs = io::read_metrics(run_.file("metrics.jsonl"));
  io::write_metrics_csv(run_.file("metrics.csv"), epochs);
  if (const io::Drawing drawing = io::write_curves(run_.folder(), epochs, title()); !drawing)
    warn("curves.png and curves.svg were not drawn: " + drawing.why_not +
         "; metrics.csv holds their numbers");
  save_weights(run_.file("model.safetensors"), model_);
  if (!run_.options().save.empty()) save_weights(run_.options().save, model_);
}

/// One more pass over the test images, in evaluation mode and with a generator of its own, so that nothing is disturbed.
std::optional<Evaluation> Trainer::report(const data::Dataset& test) {
  Rng unused(0);
  data::DataLoader loader(
      test, {.batch_size = run_.options().batch_size, .image_size = run_.options().image_size}, unused);
  Answers answers;
  const Evaluation result = evaluate(
      model_, loader, [] { return interrupt_requested() != 0; },
      [&](const Tensor& logits, const Tensor& labels) { answers.add(logits, labels); });
  if (interrupt_requested() != 0) return std::nullopt;
  if (const io::Drawing drawing = write_report(run_.folder(), answers, test, model_, title()); !drawing)
    warn("confusion.png was not drawn: " + drawing.why_not + "; confusion.csv holds its numbers");
  return result;
}

/// A pass over the first batch of test images in evaluation mode.
void Trainer::dump_evaluation(const data::Dataset& test) {
  const Options& o = run_.options();
  if (o.dump.empty()) return;
  Rng unused(0);
  data::DataLoader batch(test.first(o.batch_size), {.batch_size = o.batch_size, .image_size = o.image_size},
                         unused);
  const LayerDump dump(model_);
  evaluate(model_, batch);
  dump.save(o.dump);
}

std::string Trainer::title() const {
  return fmt::format("{} {}, seed {}", run_.chapter().section, run_.chapter().name, run_.options().seed);
}

void Trainer::evaluate_only(const data::Dataset& test) {
  if (!run_.options().load.empty()) {
    run_.describe(model_);
    dump_evaluation(test);
    const Evaluation result = report(test).value();
    io::print(fmt::format("test loss {:.4f}, test acc {:.3f} ({} images)\n", result.loss, result.accuracy,
                          test.size()));
  }
  if (!run_.options().save.empty()) {
    save_weights(run_.options().save, model_);
    io::print("wrote " + run_.options().save.string() + "\n");
  } else if (run_.options().load.empty()) {
    io::print("0 epochs: nothing to do; --load FILE measures weights, --save FILE writes the initial ones\n");
  }
}

}  // namespace cnn
