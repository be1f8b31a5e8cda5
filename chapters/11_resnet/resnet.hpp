// SPDX-License-Identifier: MIT
#pragma once

#include "common/cnn.hpp"

namespace cnn {

/// What a residual block is made of.
struct ResidualOptions {
  bool use_1x1conv =
      false;           ///< a 1 x 1 convolution gives x the shape of the output
  Index stride = 1;    ///< of the first convolution and of the 1 x 1, in pixels
  bool plain = false;  ///< nothing is added to what the convolutions compute
};

/// Two 3 x 3 convolutions that compute what is to be added to the input.
/// \param in_channels   of what comes in
/// \param out_channels  of what comes out; without the 1 x 1 convolution as many as come in
/// \param options       stride, and what the shortcut is; without the 1 x 1 convolution the stride is 1
/// \param rng           what the weights are drawn from: conv1, conv2, then conv3 if there is one
/// \return              the block; height and width are divided by the stride
//! [block]
inline nn::Sequential residual_block(Index in_channels, Index out_channels,
                                     const ResidualOptions& options, Rng& rng) {
  const Index c = out_channels;
  const nn::Conv2dOptions first{
      .kernel = 3, .stride = options.stride, .padding = 1};
  const nn::Child body{
      "",
      nn::Sequential{{"conv1", nn::Conv2d{in_channels, c, first, rng}},
                     {"bn1", nn::BatchNorm2d{c}},
                     {"relu1", nn::ReLU{}},
                     {"conv2", nn::Conv2d{c, c, {.kernel = 3, .padding = 1}, rng}},
                     {"bn2", nn::BatchNorm2d{c}}}};
  if (options.plain) return nn::Sequential{body, {"relu2", nn::ReLU{}}};
  const nn::Conv2dOptions third{.kernel = 1, .stride = options.stride};
  const nn::Child shortcut =
      options.use_1x1conv
          ? nn::Child{"conv3", nn::Conv2d{in_channels, c, third, rng}}
          : nn::Child{"shortcut", nn::Identity{}};
  return nn::Sequential{{"", nn::Residual{body, shortcut}}, {"relu2", nn::ReLU{}}};
}
//! [block]

/// Residual blocks of one width. The first of them halves height and width, except at the beginning of the network, where
/// max-pooling has just done it.
/// \param in_channels   of what comes in
/// \param out_channels  of each residual block
/// \param count         how many residual blocks
/// \param first_block   whether this is the beginning of the network; in_channels and out_channels are equal then
/// \param rng           what the weights are drawn from
/// \param plain         whether they are blocks without a sum
/// \return              the blocks, one after the other
//! [stage]
inline nn::Sequential resnet_block(Index in_channels, Index out_channels,
                                   Index count, bool first_block, Rng& rng,
                                   bool plain = false) {
  nn::Sequential net{};
  for (Index k = 0; k < count; ++k) {
    if (k == 0 && !first_block) {
      net.add(residual_block(in_channels, out_channels,
                             {.use_1x1conv = true, .stride = 2, .plain = plain},
                             rng));
    } else {
      net.add(residual_block(out_channels, out_channels, {.plain = plain}, rng));
    }
  }
  return net;
}
//! [stage]

/// Which network of the family; the default is ResNet-18.
struct ResNetOptions {
  Index blocks = 2;    ///< in each of the four parts; 4 * 2 * blocks + 2 layers
  bool plain = false;  ///< whether no block adds what it was given
};

/// ResNet as section 5.11 writes it.
/// \param channels  of the images, 1 in the book
/// \param classes   to tell apart, 10 in the book
/// \param o         how deep, and with the sums or without
/// \param rng       what the weights are drawn from
/// \return          a network from images [n, channels, 96, 96] to logits [n, classes]; other sizes do, too
/// \see             K. He et al., "Deep residual learning for image recognition" (2016)
//! [resnet]
inline nn::Sequential make_resnet(Index channels, Index classes,
                                  const ResNetOptions& o, Rng& rng) {
  const nn::Conv2dOptions first{.kernel = 7, .stride = 2, .padding = 3};
  return nn::Sequential{
      // [n, channels, 96, 96]
      nn::Conv2d{channels, 64, first, rng},  // [n, 64, 48, 48]
      nn::BatchNorm2d{64},
      nn::ReLU{},
      nn::MaxPool2d{{.kernel = 3, .stride = 2, .padding = 1}},  // [n, 64, 24, 24]
      {"resnet_block1",
       resnet_block(64, 64, o.blocks, true, rng, o.plain)},  // [n, 64, 24, 24]
      {"resnet_block2",
       resnet_block(64, 128, o.blocks, false, rng, o.plain)},  // [n, 128, 12, 12]
      {"resnet_block3",
       resnet_block(128, 256, o.blocks, false, rng, o.plain)},  // [n, 256, 6, 6]
      {"resnet_block4",
       resnet_block(256, 512, o.blocks, false, rng, o.plain)},  // [n, 512, 3, 3]
      {"global_avg_pool", nn::GlobalAvgPool2d{}},               // [n, 512, 1, 1]
      {"fc", nn::Sequential{nn::Flatten{},
                            nn::Linear{512, classes, rng}}}};  // [n, classes]
}
//! [resnet]

/// The book's network.
/// \param channels  of the images, 1 in the book
/// \param classes   to tell apart, 10 in the book
/// \param rng       what the weights are drawn from
/// \return          make_resnet() with two blocks in each part: 11,178,378 parameters in the book
inline nn::Sequential make_resnet18(Index channels, Index classes, Rng& rng) {
  return make_resnet(channels, classes, {}, rng);
}

}  // namespace cnn
