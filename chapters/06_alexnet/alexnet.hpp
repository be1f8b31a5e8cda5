// SPDX-License-Identifier: MIT
#pragma once

#include "common/cnn.hpp"

namespace cnn {

/// AlexNet as section 5.6 writes it: five convolutions and three fully connected layers,
/// with ReLU instead of sigmoid and dropout between the large layers.
/// \param channels  of the images, 1 in the book
/// \param classes   to tell apart, 10 in the book
/// \param rng       what the weights are drawn from, layer by layer, and the dropout masks in each step; must outlive the network
/// \return          a network from images [n, channels, 224, 224] to logits [n, classes], with 46,764,746 parameters in the book
/// \see             A. Krizhevsky, I. Sutskever and G. E. Hinton, "ImageNet classification with deep convolutional neural
///                  networks" (2012)
// clang-format off
//! [alexnet]
inline nn::Sequential make_alexnet(Index channels, Index classes, Rng& rng) {
  return nn::Sequential{
      // of one image: [channels, 224, 224]
      {"conv", nn::Sequential{
        nn::Conv2d{channels, 96, {.kernel = 11, .stride = 4}, rng},  // [96, 54, 54]
        nn::ReLU{},
        nn::MaxPool2d{{.kernel = 3, .stride = 2}},               // [96, 26, 26]
        nn::Conv2d{96, 256, {.kernel = 5, .padding = 2}, rng},   // [256, 26, 26]
        nn::ReLU{},
        nn::MaxPool2d{{.kernel = 3, .stride = 2}},               // [256, 12, 12]
        nn::Conv2d{256, 384, {.kernel = 3, .padding = 1}, rng},  // [384, 12, 12]
        nn::ReLU{},
        nn::Conv2d{384, 384, {.kernel = 3, .padding = 1}, rng},  // [384, 12, 12]
        nn::ReLU{},
        nn::Conv2d{384, 256, {.kernel = 3, .padding = 1}, rng},  // [256, 12, 12]
        nn::ReLU{},
        nn::MaxPool2d{{.kernel = 3, .stride = 2}}}},             // [256, 5, 5]
      {"", nn::Flatten{}},                                       // [6400]
      {"fc", nn::Sequential{
        nn::Linear{256 * 5 * 5, 4096, rng},                      // [4096]
        nn::ReLU{}, nn::Dropout{0.5, rng},
        nn::Linear{4096, 4096, rng},                             // [4096]
        nn::ReLU{}, nn::Dropout{0.5, rng},
        nn::Linear{4096, classes, rng}}}};                       // [classes]
}
//! [alexnet]
// clang-format on

}  // namespace cnn
