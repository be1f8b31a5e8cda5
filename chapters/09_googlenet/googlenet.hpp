// SPDX-License-Identifier: MIT
#pragma once

#include "common/cnn.hpp"

namespace cnn {

/// Channels inside an Inception block; the book calls them c1, c2, c3, c4.
struct InceptionWidths {
  Index p1;     ///< out of the first path, a 1 x 1 convolution
  Index p2[2];  ///< out of the 1 x 1 and the 3 x 3 convolution of the second path
  Index p3[2];  ///< out of the 1 x 1 and the 5 x 5 convolution of the third path
  Index p4;     ///< out of the fourth path, a 1 x 1 convolution behind max-pooling
};

/// Four ways to look at the same image, their channels behind each other. All of them keep height and width.
/// \param in_channels  of what comes in
/// \param c            how wide the paths are
/// \param rng          what the weights are drawn from, path by path
/// \return             the block; p1 + p2[1] + p3[1] + p4 channels come out
//! [inception]
inline nn::Concat inception(Index in_channels, const InceptionWidths& c, Rng& rng) {
  return nn::Concat{
      {"",
       nn::Sequential{{"p1_1", nn::Conv2d{in_channels, c.p1, {.kernel = 1}, rng}},
                      {"relu", nn::ReLU{}}}},
      {"",
       nn::Sequential{
           {"p2_1", nn::Conv2d{in_channels, c.p2[0], {.kernel = 1}, rng}},
           {"relu", nn::ReLU{}},
           {"p2_2", nn::Conv2d{c.p2[0], c.p2[1], {.kernel = 3, .padding = 1}, rng}},
           {"relu", nn::ReLU{}}}},
      {"",
       nn::Sequential{
           {"p3_1", nn::Conv2d{in_channels, c.p3[0], {.kernel = 1}, rng}},
           {"relu", nn::ReLU{}},
           {"p3_2", nn::Conv2d{c.p3[0], c.p3[1], {.kernel = 5, .padding = 2}, rng}},
           {"relu", nn::ReLU{}}}},
      {"", nn::Sequential{
               {"p4_1", nn::MaxPool2d{{.kernel = 3, .stride = 1, .padding = 1}}},
               {"p4_2", nn::Conv2d{in_channels, c.p4, {.kernel = 1}, rng}},
               {"relu", nn::ReLU{}}}}};
}
//! [inception]

/// GoogLeNet as section 5.9 writes it: five blocks, each of which halves height and width, then one linear layer. The two
/// convolutions of the second block have no ReLU, there as here.
/// \param channels  of the images, 1 in the book
/// \param classes   to tell apart, 10 in the book
/// \param rng       what the weights are drawn from
/// \return          a network from images [n, channels, 96, 96] to logits [n, classes], with 5,977,530 parameters in the book;
///                  other sizes do, too
/// \see             C. Szegedy et al., "Going deeper with convolutions" (2015)
//! [googlenet]
inline nn::Sequential make_googlenet(Index channels, Index classes, Rng& rng) {
  const Pool2dOptions halve{.kernel = 3, .stride = 2, .padding = 1};
  return nn::Sequential{
      // [n, channels, 96, 96]
      nn::Sequential{
          nn::Conv2d{channels, 64, {.kernel = 7, .stride = 2, .padding = 3}, rng},
          nn::ReLU{}, nn::MaxPool2d{halve}},  // [n, 64, 24, 24]
      nn::Sequential{nn::Conv2d{64, 64, {.kernel = 1}, rng},
                     nn::Conv2d{64, 192, {.kernel = 3, .padding = 1}, rng},
                     nn::MaxPool2d{halve}},  // [n, 192, 12, 12]
      nn::Sequential{inception(192, {64, {96, 128}, {16, 32}, 32}, rng),
                     inception(256, {128, {128, 192}, {32, 96}, 64}, rng),
                     nn::MaxPool2d{halve}},  // [n, 480, 6, 6]
      nn::Sequential{inception(480, {192, {96, 208}, {16, 48}, 64}, rng),
                     inception(512, {160, {112, 224}, {24, 64}, 64}, rng),
                     inception(512, {128, {128, 256}, {24, 64}, 64}, rng),
                     inception(512, {112, {144, 288}, {32, 64}, 64}, rng),
                     inception(528, {256, {160, 320}, {32, 128}, 128}, rng),
                     nn::MaxPool2d{halve}},  // [n, 832, 3, 3]
      nn::Sequential{inception(832, {256, {160, 320}, {32, 128}, 128}, rng),
                     inception(832, {384, {192, 384}, {48, 128}, 128}, rng),
                     nn::GlobalAvgPool2d{}},  // [n, 1024, 1, 1]
      nn::Flatten{},                          // [n, 1024]
      nn::Linear{1024, classes, rng}};        // [n, classes]
}
//! [googlenet]

}  // namespace cnn
