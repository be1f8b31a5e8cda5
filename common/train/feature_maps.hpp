// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include "common/nn/module.hpp"

namespace cnn {

/// What a layer made of one image.
struct FeatureMaps {
  std::string layer;  ///< "conv.1 (Sigmoid)"
  Tensor maps;        ///< f32 [channels, h, w], on the host
};

/// Sends one image through a network, in evaluation mode, and keeps what it is behind the first and behind the last convolution:
/// there after the layers that leave its shape alone, such as batch normalization and ReLU. The network is as before afterwards.
/// \param model  a network of layers; one that is a single layer, or has no convolution, gives nothing
/// \param image  [1, channels, h, w]
/// \return       one or two places
/// \throws ShapeError  the image does not fit
std::vector<FeatureMaps> feature_maps(nn::Module& model, const Tensor& image);

/// Lays feature maps out as one picture, each with its own contrast.
/// \param maps   f32 [channels, h, w]; large ones are shrunk
/// \param count  how many of the channels, the first ones
/// \return       f32 [H, W]
Tensor feature_picture(const Tensor& maps, Index count);

}  // namespace cnn
