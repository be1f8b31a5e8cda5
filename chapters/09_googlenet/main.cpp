// SPDX-License-Identifier: MIT

// Section 5.9: GoogLeNet, a network with parallel paths, trained on Fashion-MNIST enlarged to 96 x 96 pixels.

#include "chapters/09_googlenet/googlenet.hpp"
#include "common/cnn.hpp"

namespace {

using namespace cnn;

const TrainingChapter chapter{
    .chapter = {.section = "5.9",
                .name = "googlenet",
                .folder = "09_googlenet",
                .title = "Networks with parallel concatenations (GoogLeNet)"},
    .smoke = {.epochs = 1,
              .batch_size = 8,
              .image_size = 96,
              .limit_train = 16,
              .limit_test = 8,
              .synthetic = true},
    //! [presets]
    .quick = {.epochs = 2,
              .batch_size = 64,
              .image_size = 96,
              .limit_train = 8192,
              .limit_test = 1024},
    .book = {.epochs = 5,
             .batch_size = 128,
             .learning_rate = 0.001,
             .image_size = 96},
    //! [presets]
    .default_preset = "quick"};

//! [walk]
void train_googlenet(Run& run) {
  const data::ImageSet images = run.load_images();
  nn::Sequential googlenet =
      make_googlenet(images.channels, images.classes(), run.rng());
  if (run.starts_training()) print_shapes(googlenet, {1, images.channels, 96, 96});
  run.prepare(googlenet);
  optim::Adam adam{googlenet.named_parameters(),
                   {.learning_rate = run.options().learning_rate}};

  Trainer trainer{googlenet, adam, run.rng(), run.trainer_options()};
  if (run.fit(trainer, images).stopped) return;

  predict_picture(googlenet, run);
}
//! [walk]

}  // namespace

int main(int argc, char** argv) {
  return cnn::run_chapter(argc, argv, chapter, train_googlenet);
}
