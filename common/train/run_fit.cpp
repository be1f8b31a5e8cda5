// SPDX-License-Identifier: MIT
// The training of a run: the trainer and all that watches it; and what is done with weights that need no training.
#include <fmt/format.h>

#include "common/core/check.hpp"
#include "common/io/console.hpp"
#include "common/optim/foretold_memory.hpp"
#include "common/train/console.hpp"
#include "common/train/dump.hpp"
#include "common/train/interrupt.hpp"
#include "common/train/layer_watch.hpp"
#include "common/train/onnx.hpp"
#include "common/train/recorder.hpp"
#include "common/train/reporter.hpp"
#include "common/train/run.hpp"
#include "common/train/weights.hpp"

namespace cnn {
namespace {

/// Refuses a last batch with which no step can be made: batch normalization needs two values a channel.
void check_last_batch(Trainer& trainer) {
  const data::DataLoader& loader = trainer.loader();
  const Index n = loader.options().batch_size, last = loader.image_count() - (loader.size() - 1) * n;
  if (last > 1 || trainer.planned_steps() < loader.size()) return;
  const Index side = loader.options().image_size;
  try {
    (void)optim::foretell_memory(trainer.model(), {last, loader.channels(), side, side});
  } catch (const ShapeError&) {
    throw UsageError(fmt::format(
        "the last batch of an epoch has one image ({} images, --batch-size {}), and batch "
        "normalization cannot learn from one value a channel; give another --batch-size or --limit-train",
        loader.image_count(), n));
  }
}

/// Says what the run will cost, and refuses one that does not fit into memory.
class CostReport : public TrainerObserver {
 public:
  CostReport(Run& run, const nn::Summary& layers) : run_(run), layers_(layers) {}

  void on_fit_start(Trainer& trainer) override {
    check_last_batch(trainer);
    const MemoryPlan memory = plan_memory(trainer.model(), trainer.optimizer(), trainer.loader());
    if (run_.options().resume.empty()) print_cost(layers_, memory, run_);
    check_memory(memory, trainer.model(), trainer.optimizer(), trainer.loader());
    run_.describe(trainer.model());
  }

 private:
  Run& run_;
  const nn::Summary& layers_;
};

data::DataLoader loader_of(nn::Module& model, const data::Dataset& images, const Options& o, Rng& rng) {
  return {
      images, {.batch_size = o.batch_size, .image_size = o.image_size, .device = nn::device_of(model)}, rng};
}

/// A pass over the first batch of test images in evaluation mode.
void dump_evaluation(nn::Module& model, const data::Dataset& test, const Options& o) {
  Rng unused(0);
  data::DataLoader batch = loader_of(model, test.first(o.batch_size), o, unused);
  const LayerDump dump(model);
  evaluate(model, batch);
  dump.save(o.dump);
}

/// What --epochs 0 asks for.
void use_weights(Run& run, nn::Module& model, const data::Dataset& test) {
  const Options& o = run.options();
  if (!o.load.empty()) run.describe(model);
  if (!o.load.empty() && test.size() > 0) {
    if (!o.dump.empty()) dump_evaluation(model, test, o);
    Predictions predictions;
    const Evaluation result = measure(model, test, o, predictions);
    report_run(run, model, nn::summarize(model, run.image_shape()), test, predictions);
    io::print(fmt::format("test loss {:.4f}, test acc {:.3f} ({} images)\n", result.loss, result.accuracy,
                          test.size()));
  }
  if (!o.export_onnx.empty()) {
    export_onnx(o.export_onnx, model, run.image_shape(), run.class_names(), o.fold_batch_norm);
    io::print("wrote " + o.export_onnx.string() + "\n");
  }
  if (!o.save.empty()) {
    save_weights(o.save, model, run.class_names());
    io::print("wrote " + o.save.string() + "\n");
  } else if (o.load.empty() && o.export_onnx.empty()) {
    io::print("0 epochs: nothing to do; --load FILE measures weights, --save FILE writes the initial ones\n");
  }
}

}  // namespace

FitResult Run::fit(Trainer& trainer, const data::ImageSet& images) {
  if (options_.epochs == 0) {
    use_weights(*this, trainer.model(), images.test);
    return {};
  }
  InterruptGuard interrupts;
  StepDump dump(options_.dump);
  const nn::Summary layers = nn::summarize(trainer.model(), image_shape());  // as the chapter wrote them
  CostReport cost(*this, layers);
  Recorder recorder(*this);
  Reporter reporter(*this, layers, images.test);
  Console console(*this);
  LayerWatch watch(options_.watch, [&](const std::vector<io::LayerRecord>& records) {
    recorder.write(records);
    console.print(records);
  });
  std::vector<TrainerObserver*> observers{&interrupts, &cost, &recorder, &reporter, &console};
  if (!options_.dump.empty()) observers.insert(observers.begin(), &dump);
  if (options_.watch > 0) observers.insert(observers.begin(), &watch);
  FitResult result = trainer.fit(images.train, images.test, std::move(observers));
  if (interrupts.should_stop() && !result.stopped) {  // after the last epoch
    console.on_stop(trainer);
    result.stopped = true;
  }
  return result;
}

}  // namespace cnn
