// SPDX-License-Identifier: MIT
#pragma once

#include "common/nn/module.hpp"
#include "common/nn/saved.hpp"

namespace cnn::nn {

/// Turns each image [c, h, w] into a row of c h w numbers; no copy.
class Flatten : public Module {
 public:
  Tensor forward(Tensor x) override;
  Tensor backward(Tensor grad_y) override;
  Shape output_shape(const Shape& x) const override;
  Spec spec() const override { return {.kind = "Flatten"}; }

 private:
  Saved<Shape> x_shape_;
};

}  // namespace cnn::nn
