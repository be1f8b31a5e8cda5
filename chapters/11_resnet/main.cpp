// SPDX-License-Identifier: MIT

// Section 5.11: ResNet-18, whose blocks add to what they were given, trained on Fashion-MNIST enlarged to 96 x 96 pixels.

#include "chapters/11_resnet/resnet.hpp"
#include "common/cnn.hpp"

namespace {

using namespace cnn;

const TrainingChapter chapter{
    .chapter = {.section = "5.11",
                .name = "resnet",
                .folder = "11_resnet",
                .title = "Residual networks (ResNet)"},
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
    .extra = {
        {.name = "blocks",
         .help = "residual blocks in each of the four parts",
         .value = "2",
         .largest = 32},
        {.name = "shortcuts",
         .help = "whether a block adds what it was given; no: a plain network",
         .value = "yes",
         .choices = {"yes", "no"}}}};

//! [walk]
void train_resnet(Run& run) {
  const data::ImageSet images = run.load_images();
  const ResNetOptions depth{.blocks = run.options().number("blocks"),
                            .plain = run.options().word("shortcuts") == "no"};
  nn::Sequential resnet =
      make_resnet(images.channels, images.classes(), depth, run.rng());
  if (run.starts_training()) print_shapes(resnet, {1, images.channels, 224, 224});
  run.prepare(resnet);
  optim::Adam adam{resnet.named_parameters(),
                   {.learning_rate = run.options().learning_rate}};

  Trainer trainer{resnet, adam, run.rng(), run.trainer_options()};
  if (run.fit(trainer, images).stopped) return;

  predict_picture(resnet, run);
}
//! [walk]

}  // namespace

int main(int argc, char** argv) {
  return cnn::run_chapter(argc, argv, chapter, train_resnet);
}
