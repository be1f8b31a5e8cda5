// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include "common/cnn.hpp"

namespace cnn {

/// One layer of a dense block: batch normalization and ReLU come before the convolution.
/// \param in_channels   of what comes in
/// \param out_channels  of what the layer adds
/// \param rng           what the weights are drawn from
/// \return              the layer, which keeps height and width
//! [conv_block]
inline nn::Sequential conv_block(Index in_channels, Index out_channels, Rng& rng) {
  return nn::Sequential{
      nn::BatchNorm2d{in_channels}, nn::ReLU{},
      nn::Conv2d{in_channels, out_channels, {.kernel = 3, .padding = 1}, rng}};
}
//! [conv_block]

/// Layers, each of which sees what came in and all that the layers before it have made.
/// \param layers       how many
/// \param in_channels  of what comes in
/// \param growth_rate  channels that each layer adds
/// \param rng          what the weights are drawn from
/// \return             the block; in_channels + layers * growth_rate channels come out
//! [dense_block]
inline nn::Sequential dense_block(Index layers, Index in_channels,
                                  Index growth_rate, Rng& rng) {
  nn::Sequential net{};
  for (Index k = 0; k < layers; ++k) {
    const Index channels = in_channels + k * growth_rate;
    net.add(nn::Concat{{"", nn::Identity{}},
                       {"", conv_block(channels, growth_rate, rng)}});
  }
  return nn::Sequential{{"net", std::move(net)}};
}
//! [dense_block]

/// What keeps the network from growing: fewer channels, and half the height and width.
/// \param in_channels   of what comes in
/// \param out_channels  of what comes out
/// \param rng           what the weights are drawn from
/// \return              the block
//! [transition_block]
inline nn::Sequential transition_block(Index in_channels, Index out_channels,
                                       Rng& rng) {
  return nn::Sequential{nn::BatchNorm2d{in_channels}, nn::ReLU{},
                        nn::Conv2d{in_channels, out_channels, {.kernel = 1}, rng},
                        nn::AvgPool2d{{.kernel = 2, .stride = 2}}};
}
//! [transition_block]

/// DenseNet as section 5.12 writes it: four dense blocks of four layers, and a transition block between each two. The book
/// calls the dense blocks "DenseBlosk", and so do the names of the weights.
/// \param channels     of the images, 1 in the book
/// \param classes      to tell apart, 10 in the book
/// \param growth_rate  channels that each layer adds, at least 1; the book has 32
/// \param rng          what the weights are drawn from
/// \return             a network from images [n, channels, 96, 96] to logits [n, classes]; in the book, with growth rate 32 it has 758,226 parameters
/// \see                G. Huang et al., "Densely connected convolutional networks" (2017)
//! [densenet]
inline nn::Sequential make_densenet(Index channels, Index classes,
                                    Index growth_rate, Rng& rng) {
  nn::Sequential net{
      nn::Conv2d{channels, 64, {.kernel = 7, .stride = 2, .padding = 3}, rng},
      nn::BatchNorm2d{64}, nn::ReLU{},
      nn::MaxPool2d{{.kernel = 3, .stride = 2, .padding = 1}}};
  constexpr Index blocks = 4;
  constexpr Index layers = 4;
  Index features = 64;  // channels so far
  for (Index k = 0; k < blocks; ++k) {
    net.add({"DenseBlosk_" + std::to_string(k),
             dense_block(layers, features, growth_rate, rng)});
    features += layers * growth_rate;
    if (k + 1 == blocks) break;
    net.add({"transition_block_" + std::to_string(k),
             transition_block(features, features / 2, rng)});
    features /= 2;
  }
  net.add({"BN", nn::BatchNorm2d{features}});
  net.add({"relu", nn::ReLU{}});
  net.add({"global_avg_pool", nn::GlobalAvgPool2d{}});
  net.add(
      {"fc", nn::Sequential{nn::Flatten{}, nn::Linear{features, classes, rng}}});
  return net;
}
//! [densenet]

}  // namespace cnn
