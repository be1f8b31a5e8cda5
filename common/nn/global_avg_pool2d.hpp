// SPDX-License-Identifier: MIT
#pragma once

#include "common/nn/kept.hpp"
#include "common/nn/module.hpp"

namespace cnn::nn {

/// Mean of each channel: [n, c, h, w] becomes [n, c, 1, 1], whatever the size of the image. Keeps only the shape of its input.
class GlobalAvgPool2d : public Module {
 public:
  Tensor forward(Tensor x) override;
  Tensor backward(Tensor grad_y) override;
  Shape output_shape(const Shape& x) const override;
  Cost cost(const Shape& x) const override;
  Spec spec() const override { return {.kind = "GlobalAvgPool2d", .options = {}, .children = {}}; }
  Flow trace(const Flow& x) const override;

 private:
  Kept<Shape> x_shape_;
};

}  // namespace cnn::nn
