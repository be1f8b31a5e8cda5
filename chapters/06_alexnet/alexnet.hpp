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
      {"conv", nn::Sequential{                                                           // x: [n, channels, 224, 224]
                 nn::Conv2d{channels, 96, {.kernel = 11, .stride = 4}, rng}, nn::ReLU{},  // [n, 96, 54, 54]
                 nn::MaxPool2d{{.kernel = 3, .stride = 2}},                              // [n, 96, 26, 26]
                 nn::Conv2d{96, 256, {.kernel = 5, .padding = 2}, rng}, nn::ReLU{},      // [n, 256, 26, 26]
                 nn::MaxPool2d{{.kernel = 3, .stride = 2}},                              // [n, 256, 12, 12]
                 nn::Conv2d{256, 384, {.kernel = 3, .padding = 1}, rng}, nn::ReLU{},     // [n, 384, 12, 12]
                 nn::Conv2d{384, 384, {.kernel = 3, .padding = 1}, rng}, nn::ReLU{},     // [n, 384, 12, 12]
                 nn::Conv2d{384, 256, {.kernel = 3, .padding = 1}, rng}, nn::ReLU{},     // [n, 256, 12, 12]
                 nn::MaxPool2d{{.kernel = 3, .stride = 2}}}},                            // [n, 256, 5, 5]
      {"", nn::Flatten{}},                                                               // [n, 6400]
      {"fc", nn::Sequential{
                 nn::Linear{256 * 5 * 5, 4096, rng}, nn::ReLU{}, nn::Dropout{0.5, rng},  // [n, 4096]
                 nn::Linear{4096, 4096, rng}, nn::ReLU{}, nn::Dropout{0.5, rng},         // [n, 4096]
                 nn::Linear{4096, classes, rng}}}};                                      // [n, classes]
}
//! [alexnet]
// clang-format on

}  // namespace cnn
