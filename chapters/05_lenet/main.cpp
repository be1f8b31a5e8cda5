// SPDX-License-Identifier: MIT

// Section 5.5: LeNet, trained on Fashion-MNIST.

#include "chapters/05_lenet/feature_maps.hpp"
#include "chapters/05_lenet/lenet.hpp"
#include "common/cnn.hpp"

namespace {

using namespace cnn;

const TrainingChapter chapter{
    .chapter = {.section = "5.5",
                .name = "lenet",
                .folder = "05_lenet",
                .title = "Convolutional neural networks (LeNet)"},
    .smoke = {.epochs = 2,
              .batch_size = 32,
              .learning_rate = 0.01,
              .synthetic = true},
    .quick = {.epochs = 2},
    .book = {.epochs = 5, .batch_size = 256, .learning_rate = 0.001}};

//! [walk]
void train_lenet(Run& run) {
  const data::ImageSet images = run.load_images();
  nn::Sequential lenet = make_lenet(images.channels, images.classes(), run.rng());
  run.prepare(lenet);
  optim::Adam adam{lenet.named_parameters(),
                   {.learning_rate = run.options().learning_rate}};

  Trainer trainer{lenet, adam, run.rng(), run.trainer_options()};
  if (run.fit(trainer, images).stopped) return;

  if (images.test.size() > 0)
    draw_feature_maps(lenet, first_images(images.test, 1, 28), run);
  predict_picture(lenet, run);
}
//! [walk]

}  // namespace

int main(int argc, char** argv) {
  return cnn::run_chapter(argc, argv, chapter, train_lenet);
}
