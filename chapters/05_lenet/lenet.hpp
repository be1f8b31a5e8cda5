// SPDX-License-Identifier: MIT
#pragma once

#include "common/cnn.hpp"

namespace cnn {

/// LeNet as section 5.5 writes it: two convolutions with sigmoid and max-pooling, then three fully connected layers.
/// \param channels  of the images, 1 in the book
/// \param classes   to tell apart, 10 in the book
/// \param rng       what the weights are drawn from, layer by layer
/// \return          a network from images [n, channels, 28, 28] to logits [n, classes], with 44,426 parameters in the book
/// \see             Y. LeCun, L. Bottou, Y. Bengio and P. Haffner, "Gradient-based learning applied to document recognition" (1998)
// clang-format off
//! [lenet]
inline nn::Sequential make_lenet(Index channels, Index classes, Rng& rng) {
  return nn::Sequential{                              // x: [n, channels, 28, 28]
      {"conv", nn::Sequential{
        nn::Conv2d{channels, 6, {.kernel = 5}, rng},  // [n, 6, 24, 24]
        nn::Sigmoid{},
        nn::MaxPool2d{{.kernel = 2, .stride = 2}},    // [n, 6, 12, 12]
        nn::Conv2d{6, 16, {.kernel = 5}, rng},        // [n, 16, 8, 8]
        nn::Sigmoid{},
        nn::MaxPool2d{{.kernel = 2, .stride = 2}}}},  // [n, 16, 4, 4]
      {"", nn::Flatten{}},                            // [n, 256]
      {"fc", nn::Sequential{
        nn::Linear{256, 120, rng}, nn::Sigmoid{},     // [n, 120]
        nn::Linear{120, 84, rng}, nn::Sigmoid{},      // [n, 84]
        nn::Linear{84, classes, rng}}}};              // [n, classes]
}
//! [lenet]
// clang-format on

}  // namespace cnn
