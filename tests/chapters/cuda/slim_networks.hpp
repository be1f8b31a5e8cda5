// SPDX-License-Identifier: MIT
#pragma once

#include <ostream>
#include <string>
#include <vector>

#include "chapters/06_alexnet/alexnet.hpp"
#include "chapters/07_vgg/vgg.hpp"
#include "chapters/08_nin/nin.hpp"
#include "chapters/09_googlenet/googlenet.hpp"
#include "chapters/10_batch_norm/lenet.hpp"
#include "chapters/11_resnet/resnet.hpp"
#include "chapters/12_densenet/densenet.hpp"

namespace cnn::test {

/// A network of a chapter with fewer channels, layers of the same kinds, and smaller images.
struct SlimNetwork {
  std::string name;
  Index image_size;
  nn::Sequential (*make)(Rng& rng);
};

inline std::ostream& operator<<(std::ostream& out, const SlimNetwork& network) { return out << network.name; }

/// AlexNet, whose function has no widths to choose: its layers with a sixteenth of the channels.
/// \param rng  draws the weights and the dropout
/// \return     [n, 1, 67, 67] → [n, 10]
inline nn::Sequential slim_alexnet(Rng& rng) {
  return nn::Sequential{nn::Conv2d{1, 6, {.kernel = 11, .stride = 4}, rng},
                        nn::ReLU{},
                        nn::MaxPool2d{{.kernel = 3, .stride = 2}},
                        nn::Conv2d{6, 16, {.kernel = 5, .padding = 2}, rng},
                        nn::ReLU{},
                        nn::MaxPool2d{{.kernel = 3, .stride = 2}},
                        nn::Conv2d{16, 24, {.kernel = 3, .padding = 1}, rng},
                        nn::ReLU{},
                        nn::Conv2d{24, 24, {.kernel = 3, .padding = 1}, rng},
                        nn::ReLU{},
                        nn::Conv2d{24, 16, {.kernel = 3, .padding = 1}, rng},
                        nn::ReLU{},
                        nn::MaxPool2d{{.kernel = 3, .stride = 1}},
                        nn::Flatten{},
                        nn::Linear{16, 64, rng},
                        nn::ReLU{},
                        nn::Dropout{0.5, rng},
                        nn::Linear{64, 64, rng},
                        nn::ReLU{},
                        nn::Dropout{0.5, rng},
                        nn::Linear{64, 10, rng}};
}

/// NiN of the chapter's blocks.
/// \param rng  draws the weights and the dropout
/// \return     [n, 1, 67, 67] → [n, 10]
inline nn::Sequential slim_nin(Rng& rng) {
  return nn::Sequential{nin_block(1, 6, {.kernel = 11, .stride = 4}, rng),
                        nn::MaxPool2d{{.kernel = 3, .stride = 2}},
                        nin_block(6, 16, {.kernel = 5, .padding = 2}, rng),
                        nn::MaxPool2d{{.kernel = 3, .stride = 2}},
                        nin_block(16, 24, {.kernel = 3, .padding = 1}, rng),
                        nn::Dropout{0.5, rng},
                        nin_block(24, 10, {.kernel = 3, .padding = 1}, rng),
                        nn::GlobalAvgPool2d{},
                        nn::Flatten{}};
}

/// GoogLeNet of the chapter's blocks, two of the nine.
/// \param rng  draws the weights
/// \return     [n, 1, 32, 32] → [n, 10]
inline nn::Sequential slim_googlenet(Rng& rng) {
  const Pool2dOptions halve{.kernel = 3, .stride = 2, .padding = 1};
  return nn::Sequential{nn::Conv2d{1, 8, {.kernel = 7, .stride = 2, .padding = 3}, rng},
                        nn::ReLU{},
                        nn::MaxPool2d{halve},
                        nn::Conv2d{8, 8, {.kernel = 1}, rng},
                        nn::Conv2d{8, 12, {.kernel = 3, .padding = 1}, rng},
                        nn::MaxPool2d{halve},
                        inception(12, {4, {6, 8}, {2, 4}, 4}, rng),
                        inception(20, {8, {6, 12}, {2, 6}, 4}, rng),
                        nn::GlobalAvgPool2d{},
                        nn::Flatten{},
                        nn::Linear{30, 10, rng}};
}

/// ResNet of the chapter's blocks, one in each of three parts.
/// \param rng  draws the weights
/// \return     [n, 1, 32, 32] → [n, 10]
inline nn::Sequential slim_resnet(Rng& rng) {
  return nn::Sequential{nn::Conv2d{1, 8, {.kernel = 7, .stride = 2, .padding = 3}, rng},
                        nn::BatchNorm2d{8},
                        nn::ReLU{},
                        nn::MaxPool2d{{.kernel = 3, .stride = 2, .padding = 1}},
                        resnet_block(8, 8, 1, true, rng),
                        resnet_block(8, 12, 1, false, rng),
                        resnet_block(12, 16, 1, false, rng),
                        nn::GlobalAvgPool2d{},
                        nn::Flatten{},
                        nn::Linear{16, 10, rng}};
}

/// DenseNet of the chapter's blocks, two of the four.
/// \param rng  draws the weights
/// \return     [n, 1, 32, 32] → [n, 10]
inline nn::Sequential slim_densenet(Rng& rng) {
  return nn::Sequential{nn::Conv2d{1, 8, {.kernel = 7, .stride = 2, .padding = 3}, rng},
                        nn::BatchNorm2d{8},
                        nn::ReLU{},
                        nn::MaxPool2d{{.kernel = 3, .stride = 2, .padding = 1}},
                        dense_block(2, 8, 4, rng),
                        transition_block(16, 8, rng),
                        dense_block(2, 8, 4, rng),
                        nn::BatchNorm2d{16},
                        nn::ReLU{},
                        nn::GlobalAvgPool2d{},
                        nn::Flatten{},
                        nn::Linear{16, 10, rng}};
}

/// \return the networks of sections 5.6 to 5.12
inline std::vector<SlimNetwork> slim_networks() {
  return {{"alexnet", 67, slim_alexnet},
          {"vgg", 32, [](Rng& rng) { return make_vgg11(1, 10, 32, 32, rng); }},
          {"nin", 67, slim_nin},
          {"googlenet", 32, slim_googlenet},
          {"batch_norm", 28, [](Rng& rng) { return batch_norm::make_lenet(1, 10, "library", rng); }},
          {"resnet", 32, slim_resnet},
          {"densenet", 32, slim_densenet}};
}

}  // namespace cnn::test
