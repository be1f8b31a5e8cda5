// SPDX-License-Identifier: MIT

// Section 5.8: network in network, trained on Fashion-MNIST enlarged to 224 x 224 pixels.

#include "chapters/08_nin/nin.hpp"
#include "common/cnn.hpp"

namespace {

using namespace cnn;

// clang-format off
const TrainingChapter chapter{
    .chapter = {.section = "5.8",
                .name = "nin",
                .folder = "08_nin",
                .title = "Network in network (NiN)"},
    .smoke = {.epochs = 1,
              .batch_size = 8,
              .learning_rate = 0.002,
              .image_size = 224,
              .limit_train = 16,
              .limit_test = 8,
              .synthetic = true},
    //! [presets]
    .quick = {.epochs = 3,
              .batch_size = 32,
              .learning_rate = 0.001,
              .image_size = 224,
              .limit_train = 3072,
              .limit_test = 512},
    .book = {.epochs = 5,
             .batch_size = 128,
             .learning_rate = 0.002,
             .image_size = 224},
    //! [presets]
    .default_preset = "quick"};
// clang-format on

//! [walk]
void train_nin(Run& run) {
  const data::ImageSet images = run.load_images();
  nn::Sequential nin = make_nin(images.channels, images.classes(), run.rng());
  if (run.starts_training()) print_shapes(nin, {1, images.channels, 224, 224});
  run.prepare(nin);
  optim::Adam adam{nin.named_parameters(),
                   {.learning_rate = run.options().learning_rate}};

  Trainer trainer{nin, adam, run.rng(), run.trainer_options()};
  if (run.fit(trainer, images).stopped) return;

  predict_picture(nin, run);
}
//! [walk]

}  // namespace

int main(int argc, char** argv) {
  return cnn::run_chapter(argc, argv, chapter, train_nin);
}
