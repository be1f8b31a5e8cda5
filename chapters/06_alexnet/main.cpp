// SPDX-License-Identifier: MIT

// Section 5.6: AlexNet, trained on Fashion-MNIST enlarged to 224 x 224 pixels.

#include "chapters/06_alexnet/alexnet.hpp"
#include "common/cnn.hpp"

namespace {

using namespace cnn;

const TrainingChapter chapter{
    .chapter = {.section = "5.6",
                .name = "alexnet",
                .folder = "06_alexnet",
                .title = "Deep convolutional neural networks (AlexNet)"},
    .smoke = {.epochs = 1,
              .batch_size = 8,
              .image_size = 224,
              .limit_train = 16,
              .limit_test = 8,
              .synthetic = true},
    //! [presets]
    .quick = {.epochs = 2,
              .batch_size = 32,
              .image_size = 224,
              .limit_train = 2048,
              .limit_test = 512},
    .book = {.epochs = 5,
             .batch_size = 128,
             .learning_rate = 0.001,
             .image_size = 224},
    //! [presets]
    .default_preset = "quick"};

//! [walk]
void train_alexnet(Run& run) {
  const data::ImageSet images = run.load_images();
  nn::Sequential alexnet =
      make_alexnet(images.channels, images.classes(), run.rng());
  run.prepare(alexnet);
  optim::Adam adam{alexnet.named_parameters(),
                   {.learning_rate = run.options().learning_rate}};

  Trainer trainer{alexnet, adam, run.rng(), run.trainer_options()};
  if (run.fit(trainer, images).stopped) return;

  predict_picture(alexnet, run);
}
//! [walk]

}  // namespace

int main(int argc, char** argv) {
  return cnn::run_chapter(argc, argv, chapter, train_alexnet);
}
