// SPDX-License-Identifier: MIT
#pragma once

#include "common/nn/module.hpp"
#include "common/nn/saved.hpp"

namespace cnn::nn {

/// Returns its input: the shortcut of most residual blocks.
class Identity : public Module {
 public:
  Tensor forward(Tensor x) override;
  Tensor backward(Tensor grad_y) override;
  Shape output_shape(const Shape& x) const override { return x; }
  Spec spec() const override { return {.kind = "Identity"}; }

 private:
  Saved<Shape> shape_;
};

}  // namespace cnn::nn
