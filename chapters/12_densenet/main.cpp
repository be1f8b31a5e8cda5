// SPDX-License-Identifier: MIT

// Section 5.12: DenseNet, whose layers see all layers before them, trained on Fashion-MNIST enlarged to 96 x 96 pixels.

#include "chapters/12_densenet/densenet.hpp"
#include "common/cnn.hpp"

namespace {

using namespace cnn;

const TrainingChapter chapter{
    .chapter = {.section = "5.12",
                .name = "densenet",
                .folder = "12_densenet",
                .title = "Densely connected networks (DenseNet)"},
    .smoke = {.epochs = 1,
              .batch_size = 8,
              .image_size = 96,
              .limit_train = 16,
              .limit_test = 8,
              .synthetic = true},
    //! [presets]
    .quick = {.epochs = 2,
              .batch_size = 32,
              .image_size = 96,
              .limit_train = 4096,
              .limit_test = 1024},
    .book = {.epochs = 5,
             .batch_size = 256,
             .learning_rate = 0.001,
             .image_size = 96},
    //! [presets]
    .default_preset = "quick",
    .extra = {{.name = "growth-rate",
               .help = "channels that each layer of a dense block adds",
               .value = "32",
               .choices = {},
               .least = 1,
               .largest = 128}}};

//! [walk]
void train_densenet(Run& run) {
  const data::ImageSet images = run.load_images();
  nn::Sequential densenet =
      make_densenet(images.channels, images.classes(),
                    run.options().number("growth-rate"), run.rng());
  if (run.starts_training()) print_shapes(densenet, {1, images.channels, 96, 96});
  run.prepare(densenet);
  optim::Adam adam{densenet.named_parameters(),
                   {.learning_rate = run.options().learning_rate}};

  Trainer trainer{densenet, adam, run.rng(), run.trainer_options()};
  if (run.fit(trainer, images).stopped) return;

  predict_picture(densenet, run);
}
//! [walk]

}  // namespace

int main(int argc, char** argv) {
  return cnn::run_chapter(argc, argv, chapter, train_densenet);
}
