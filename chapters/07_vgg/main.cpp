// SPDX-License-Identifier: MIT

// Section 5.7: VGG-11, a network of blocks, trained on Fashion-MNIST enlarged to 224 x 224 pixels.

#include "chapters/07_vgg/vgg.hpp"
#include "common/cnn.hpp"

namespace {

using namespace cnn;

const TrainingChapter chapter{
    .chapter = {.section = "5.7",
                .name = "vgg",
                .folder = "07_vgg",
                .title = "Networks using blocks (VGG)"},
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
              .limit_train = 8192,
              .limit_test = 1024},
    .book = {.epochs = 5,
             .batch_size = 64,
             .learning_rate = 0.001,
             .image_size = 224},
    //! [presets]
    .default_preset = "quick",
    .extra = {
        {.name = "ratio",
         .help = "divides the widths of VGG-11; 1 is the network of the paper",
         .value = "8",
         .choices = {"1", "2", "4", "8", "16", "32", "64"}}}};

/// Prints the shapes of VGG-11 in full width, block by block.
void show_full_width() {
  Rng rng(0);
  print_shapes(make_vgg11(1, 10, 1, 224, rng), {1, 1, 224, 224});
  release_cached_memory();  // half a gigabyte of weights
}

//! [walk]
void train_vgg(Run& run) {
  if (run.starts_training()) show_full_width();
  const data::ImageSet images = run.load_images();
  nn::Sequential vgg =
      make_vgg11(images.channels, images.classes(), run.options().number("ratio"),
                 run.options().image_size, run.rng());
  run.prepare(vgg);
  optim::Adam adam{vgg.named_parameters(),
                   {.learning_rate = run.options().learning_rate}};

  Trainer trainer{vgg, adam, run.rng(), run.trainer_options()};
  if (run.fit(trainer, images).stopped) return;

  predict_picture(vgg, run);
}
//! [walk]

}  // namespace

int main(int argc, char** argv) {
  return cnn::run_chapter(argc, argv, chapter, train_vgg);
}
