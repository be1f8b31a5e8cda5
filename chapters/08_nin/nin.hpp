// SPDX-License-Identifier: MIT
#pragma once

#include "common/cnn.hpp"

namespace cnn {

/// A convolution and behind it two 1 x 1 convolutions: a small fully connected network, the same one for every pixel.
/// \param in_channels   of what comes in
/// \param out_channels  of all three convolutions
/// \param options       window, stride and padding of the first one
/// \param rng           what the weights are drawn from
/// \return              the block
//! [block]
inline nn::Sequential nin_block(Index in_channels, Index out_channels,
                                const nn::Conv2dOptions& options, Rng& rng) {
  return nn::Sequential{
      nn::Conv2d{in_channels, out_channels, options, rng},        nn::ReLU{},
      nn::Conv2d{out_channels, out_channels, {.kernel = 1}, rng}, nn::ReLU{},
      nn::Conv2d{out_channels, out_channels, {.kernel = 1}, rng}, nn::ReLU{}};
}
//! [block]

/// Network in network as section 5.8 writes it: no fully connected layer at all. The last block makes one channel for each
/// class, and the mean of a channel is the score of its class.
/// \param channels  of the images, 1 in the book
/// \param classes   to tell apart, 10 in the book
/// \param rng       what the weights and the dropout masks are drawn from; must outlive the network
/// \return          a network from images [n, channels, 224, 224] to logits [n, classes], with 1,992,166 parameters in the book;
///                  other sizes do, too
/// \see             M. Lin, Q. Chen and S. Yan, "Network in network" (2014)
// clang-format off
//! [nin]
inline nn::Sequential make_nin(Index channels, Index classes, Rng& rng) {
  return nn::Sequential{
      // of one image: [channels, 224, 224]
      nin_block(channels, 96, {.kernel = 11, .stride = 4}, rng),  // [96, 54, 54]
      nn::MaxPool2d{{.kernel = 3, .stride = 2}},                  // [96, 26, 26]
      nin_block(96, 256, {.kernel = 5, .padding = 2}, rng),       // [256, 26, 26]
      nn::MaxPool2d{{.kernel = 3, .stride = 2}},                  // [256, 12, 12]
      nin_block(256, 384, {.kernel = 3, .padding = 1}, rng),      // [384, 12, 12]
      nn::MaxPool2d{{.kernel = 3, .stride = 2}},                  // [384, 5, 5]
      nn::Dropout{0.5, rng},
      nin_block(384, classes, {.kernel = 3, .padding = 1}, rng),  // [classes, 5, 5]
      nn::GlobalAvgPool2d{},                                      // [classes, 1, 1]
      nn::Flatten{}};                                             // [classes]
}
//! [nin]
// clang-format on

}  // namespace cnn
