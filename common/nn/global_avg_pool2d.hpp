// SPDX-License-Identifier: MIT
#pragma once

#include "common/nn/module.hpp"
#include "common/nn/saved.hpp"

namespace cnn::nn {

/// Mean of each channel: [n, c, h, w] becomes [n, c, 1, 1], whatever the size of the image. Saves only the shape of its input.
class GlobalAvgPool2d : public Module {
 public:
  Tensor forward(Tensor x) override;
  Tensor backward(Tensor grad_y) override;
  Shape output_shape(const Shape& x) const override;
  Spec spec() const override { return {.kind = "GlobalAvgPool2d"}; }
  ReceptiveField receptive_field(const ReceptiveField&) const override { return {.all = true}; }

 private:
  Saved<Shape> x_shape_;
};

}  // namespace cnn::nn
