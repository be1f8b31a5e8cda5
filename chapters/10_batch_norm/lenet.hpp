// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include "chapters/10_batch_norm/batch_norm.hpp"
#include "common/cnn.hpp"

namespace cnn::batch_norm {

/// What stands between a layer with weights and its sigmoid.
/// \param layer     "scratch" for the section's own batch normalization, "library" for cnn::nn's, "none" for nothing
/// \param features  channels of images, or length of rows
/// \param num_dims  4 for images [n, c, h, w], 2 for rows [n, c]
/// \return          the layer; neither draws random numbers, so the weights of the network are the same with all three
//! [norm]
inline nn::Child norm(const std::string& layer, Index features, Index num_dims) {
  if (layer == "none") return nn::Identity{};
  if (layer == "scratch") return BatchNorm{features, num_dims};
  if (num_dims == 4) return nn::BatchNorm2d{features};
  return nn::BatchNorm1d{features};
}
//! [norm]

/// LeNet as section 5.10 writes it: batch normalization after each layer with weights but the last, before its sigmoid.
/// \param channels  of the images, 1 in the book
/// \param classes   to tell apart, 10 in the book
/// \param layer     which batch normalization, see norm()
/// \param rng       what the weights are drawn from, layer by layer
/// \return          a network from images [n, channels, 28, 28] to logits [n, classes], with 44,878 parameters in the book
// clang-format off
//! [lenet]
inline nn::Sequential make_lenet(Index channels, Index classes,
                                 const std::string& layer, Rng& rng) {
  return nn::Sequential{                            // x: [n, channels, 28, 28]
      nn::Conv2d{channels, 6, {.kernel = 5}, rng},  // [n, 6, 24, 24]
      norm(layer, 6, 4), nn::Sigmoid{},
      nn::MaxPool2d{{.kernel = 2, .stride = 2}},    // [n, 6, 12, 12]
      nn::Conv2d{6, 16, {.kernel = 5}, rng},        // [n, 16, 8, 8]
      norm(layer, 16, 4), nn::Sigmoid{},
      nn::MaxPool2d{{.kernel = 2, .stride = 2}},    // [n, 16, 4, 4]
      nn::Flatten{},                                // [n, 256]
      nn::Linear{256, 120, rng},                    // [n, 120]
      norm(layer, 120, 2), nn::Sigmoid{},
      nn::Linear{120, 84, rng},                     // [n, 84]
      norm(layer, 84, 2), nn::Sigmoid{},
      nn::Linear{84, classes, rng}};                // [n, classes]
}
//! [lenet]
// clang-format on

}  // namespace cnn::batch_norm
