// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include "common/cnn.hpp"

namespace cnn {

/// Draws what both convolutions of LeNet see in one image, after their sigmoid: feature_maps_1.png (6 maps, 24 x 24) and
/// feature_maps_2.png (16 maps, 8 x 8), with the image itself as input.png.
/// \param lenet  what make_lenet() returned
/// \param image  one image, [1, channels, 28, 28]
/// \param run    where the pictures go
/// \throws DataError  a picture cannot be written
//! [feature maps]
inline void draw_feature_maps(nn::Sequential& lenet, const Tensor& image,
                              Run& run) {
  auto& conv = dynamic_cast<nn::Sequential&>(lenet[0]);
  const EvaluationMode mode(lenet);
  io::write_png(run.file("input.png"),
                io::upscale(image.reshape({image.shape()[1], 28, 28}), 8));
  Tensor x = image.to(nn::device_of(lenet));
  int block = 0;
  for (std::size_t layer = 0; layer < conv.size(); ++layer) {
    x = conv[layer].forward(x);
    if (conv[layer].spec().kind != "Sigmoid") continue;
    const auto [n, maps, h, w] = x.dims<4>();
    const Tensor picture =
        io::tile(x.to({}).reshape({maps, h, w}), {.scale = ++block == 1 ? 4 : 8});
    io::write_png(run.file("feature_maps_" + std::to_string(block) + ".png"),
                  picture);
  }
}
//! [feature maps]

}  // namespace cnn
