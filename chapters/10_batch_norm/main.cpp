// SPDX-License-Identifier: MIT

// Section 5.10: LeNet with batch normalization, written by hand or from the library, trained on Fashion-MNIST.

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "chapters/10_batch_norm/lenet.hpp"
#include "common/cnn.hpp"

namespace {

using namespace cnn;

const TrainingChapter chapter{
    .chapter = {.section = "5.10",
                .name = "batch_norm",
                .folder = "10_batch_norm",
                .title = "Batch normalization"},
    .smoke = {.epochs = 2,
              .batch_size = 32,
              .limit_train = 128,
              .limit_test = 64,
              .synthetic = true},
    .quick = {.epochs = 2},
    .book = {.epochs = 5, .batch_size = 256, .learning_rate = 0.001},
    .extra = {
        {.name = "layer",
         .help = "batch normalization: written by hand, of the library, or none",
         .value = "scratch",
         .choices = {"scratch", "library", "none"}}}};

/// Prints what the first batch normalization has learned: its scale gamma, then its shift beta.
void print_scale_and_shift(nn::Module& norm) {
  const char* label = "gamma";
  for (const nn::Parameter* parameter : norm.parameters()) {
    const Tensor values = parameter->value.to({});
    fmt::print("{:<5} {:7.4f}\n", label, fmt::join(values.values(), " "));
    label = "beta";
  }
}

//! [walk]
void train_batch_norm(Run& run) {
  const data::ImageSet images = run.load_images();
  nn::Sequential lenet = batch_norm::make_lenet(
      images.channels, images.classes(), run.options().word("layer"), run.rng());
  run.prepare(lenet);
  optim::Adam adam{lenet.named_parameters(),
                   {.learning_rate = run.options().learning_rate}};

  Trainer trainer{lenet, adam, run.rng(), run.trainer_options()};
  if (run.fit(trainer, images).stopped) return;

  print_scale_and_shift(lenet[1]);
  predict_picture(lenet, run);
}
//! [walk]

}  // namespace

int main(int argc, char** argv) {
  return cnn::run_chapter(argc, argv, chapter, train_batch_norm);
}
