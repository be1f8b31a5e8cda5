// SPDX-License-Identifier: MIT
#include "common/train/reporter.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "common/io/file.hpp"
#include "common/io/image.hpp"
#include "common/train/console.hpp"
#include "common/train/feature_maps.hpp"
#include "common/train/interrupt.hpp"
#include "common/train/option_table.hpp"
#include "common/train/predict.hpp"
#include "common/train/run_page.hpp"
#include "common/train/trainer.hpp"

namespace cnn {
namespace {

constexpr Index shown_maps = 64;
constexpr Index input_side = 112;  // pixels, about

/// What the network looks for in an image, and what it sees in the first test image.
std::vector<PagePicture> pictures_of(nn::Module& model, const data::Dataset& test, Index side, bool maps) {
  std::vector<PagePicture> pictures;
  if (std::optional<Tensor> filters = filter_picture(model))
    pictures.push_back({"The filters of the first convolution: blue below zero, red above, on one scale.",
                        std::move(*filters)});
  if (!maps) return pictures;
  const Tensor image = first_images(test, 1, side);
  pictures.push_back(
      {fmt::format("Test image 0 as the network gets it, {0} x {0} pixels.", side),
       io::upscale(image.reshape({image.shape()[1], side, side}), std::max<Index>(1, input_side / side))});
  for (const FeatureMaps& found : feature_maps(model, image)) {
    const auto [n, h, w] = found.maps.dims<3>();
    const std::string number =
        n > shown_maps ? fmt::format("the first {} of its {}", shown_maps, n) : fmt::format("its {}", n);
    pictures.push_back(
        {fmt::format("What {} makes of that image: {} maps of {} x {}, each with its own contrast.",
                     found.layer, number, h, w),
         feature_picture(found.maps, shown_maps)});
  }
  return pictures;
}

}  // namespace

Evaluation measure(nn::Module& model, const data::Dataset& test, const Options& options,
                   Predictions& predictions) {
  Rng unused(0);
  data::DataLoader loader(
      test,
      {.batch_size = options.batch_size, .image_size = options.image_size, .device = nn::device_of(model)},
      unused);
  return evaluate(
      model, loader, [] { return interrupt_requested() != 0; },
      [&](const Tensor& logits, const Tensor& labels) { predictions.add(logits, labels); });
}

void write_run_page(Run& run, nn::Module& model, const nn::Summary& layers, const data::Dataset& test,
                    const Predictions& predictions, bool interrupted) {
  const bool measured = !predictions.all().empty();
  RunPage page{.title = run.title(),
               .command = run.command(),
               .info = io::read_run_json(run.file("run.json")),
               .layers = layers,
               .class_names = run.class_names(),
               .predictions = measured ? &predictions : nullptr,
               .test_images = &test,
               .pictures = pictures_of(model, test, run.options().image_size, measured),
               .interrupted = interrupted};
  if (const auto metrics = run.file("metrics.jsonl"); std::filesystem::exists(metrics)) {
    page.epochs = io::read_metrics(metrics);
    page.steps = io::read_steps(metrics);
  }
  io::write_file_atomically(run.file("report.html"), to_html(page));
}

void report_run(Run& run, nn::Module& model, const nn::Summary& layers, const data::Dataset& test,
                const Predictions& predictions) {
  if (const io::Drawing drawing =
          write_report(run.folder(), predictions, test, model, run.class_names(), run.title());
      !drawing)
    warn("confusion.png was not drawn: " + drawing.why_not + "; confusion.csv holds its numbers");
  write_run_page(run, model, layers, test, predictions);
}

void Reporter::on_test_batch(Trainer& trainer, const Tensor& logits, const Tensor& labels) {
  if (trainer.in_last_epoch()) predictions_.add(logits, labels);
}

void Reporter::on_stop(Trainer& trainer) {
  write_run_page(run_, trainer.model(), layers_, test_, {}, true);  // an evaluation may have begun
}

void Reporter::on_fit_end(Trainer& trainer) {
  if (predictions_.all().empty())
    measure(trainer.model(), test_, run_.options(), predictions_);  // resumed when finished
  if (interrupt_requested() == 0)
    report_run(run_, trainer.model(), layers_, test_, predictions_);
  else
    write_run_page(run_, trainer.model(), layers_, test_, {});
}

}  // namespace cnn
