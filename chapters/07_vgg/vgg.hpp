// SPDX-License-Identifier: MIT
#pragma once

#include <vector>

#include "common/cnn.hpp"

namespace cnn {

/// What a VGG block is made of.
struct VggBlock {
  Index convolutions;  ///< how many, each followed by ReLU
  Index in_channels;   ///< of what comes in
  Index out_channels;  ///< of each convolution
};

/// \param block  how many convolutions, how wide
/// \param rng    what the weights are drawn from
/// \return       3 x 3 convolutions with padding 1, which keep height and width, then max-pooling, which halves them
//! [block]
inline nn::Sequential vgg_block(const VggBlock& block, Rng& rng) {
  nn::Sequential net{};
  for (Index k = 0; k < block.convolutions; ++k) {
    const Index in_channels = k == 0 ? block.in_channels : block.out_channels;
    net.add(nn::Conv2d{
        in_channels, block.out_channels, {.kernel = 3, .padding = 1}, rng});
    net.add(nn::ReLU{});
  }
  net.add(nn::MaxPool2d{{.kernel = 2, .stride = 2}});
  return net;
}
//! [block]

/// \param channels  of the images, 1 in the book
/// \param ratio     what the widths of the full network are divided by, 1 to 64
/// \return          the five blocks of VGG-11: eight convolutions
//! [architecture]
inline std::vector<VggBlock> vgg11_blocks(Index channels, Index ratio) {
  return {{1, channels, 64 / ratio},
          {1, 64 / ratio, 128 / ratio},
          {2, 128 / ratio, 256 / ratio},
          {2, 256 / ratio, 512 / ratio},
          {2, 512 / ratio, 512 / ratio}};
}
//! [architecture]

/// VGG as section 5.7 writes it: blocks that all look alike, then three fully connected layers with dropout.
/// \param blocks      the convolutional part, vgg11_blocks()
/// \param classes     to tell apart, 10 in the book
/// \param hidden      width of the fully connected layers, 4096 / ratio
/// \param image_size  height and width of the images, in pixels; each block halves it
/// \param rng         what the weights and the dropout masks are drawn from; must outlive the network
/// \return            a network from images [n, channels, image_size, image_size] to logits [n, classes]
/// \see               K. Simonyan and A. Zisserman, "Very deep convolutional networks for large-scale image recognition" (2015)
// clang-format off
//! [vgg]
inline nn::Sequential make_vgg(const std::vector<VggBlock>& blocks, Index classes,
                               Index hidden, Index image_size, Rng& rng) {
  nn::Sequential net{};
  Index side = image_size;
  for (std::size_t k = 0; k < blocks.size(); ++k) {
    net.add({"vgg_block_" + std::to_string(k + 1), vgg_block(blocks[k], rng)});
    side /= 2;
  }
  const Index features = blocks.back().out_channels * side * side;
  net.add({"fc", nn::Sequential{
                     nn::Flatten{},                        // [n, features]
                     nn::Linear{features, hidden, rng},    // [n, hidden]
                     nn::ReLU{}, nn::Dropout{0.5, rng},
                     nn::Linear{hidden, hidden, rng},      // [n, hidden]
                     nn::ReLU{}, nn::Dropout{0.5, rng},
                     nn::Linear{hidden, classes, rng}}});  // [n, classes]
  return net;
}
//! [vgg]
// clang-format on

/// VGG-11 with all widths divided by `ratio`.
/// \param channels    of the images, 1 in the book
/// \param classes     to tell apart, 10 in the book
/// \param ratio       1 for the network of the paper, 8 for the one the section trains
/// \param image_size  height and width of the images, in pixels
/// \param rng         what the weights and the dropout masks are drawn from; must outlive the network
/// \throws UsageError  the images are smaller than 32 pixels, and nothing is left of them after five blocks
/// \return            a network; in the book, at 224 pixels, 128,806,154 parameters for ratio 1 and 2,018,346 for ratio 8
inline nn::Sequential make_vgg11(Index channels, Index classes, Index ratio,
                                 Index image_size, Rng& rng) {
  CNN_CHECK(image_size >= 32, UsageError,
            "--image-size " + std::to_string(image_size) +
                " does not fit the network, which halves the side five times; give "
                "32 or more");
  return make_vgg(vgg11_blocks(channels, ratio), classes, 4096 / ratio, image_size,
                  rng);
}

}  // namespace cnn
