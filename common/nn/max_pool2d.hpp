// SPDX-License-Identifier: MIT
#pragma once

#include "common/nn/kept.hpp"
#include "common/nn/pool2d.hpp"

namespace cnn::nn {

/// Maximum of each window, see ops::max_pool2d(). Keeps where the maxima were, not the image.
class MaxPool2d : public Pool2d {
 public:
  /// \param options  window, stride and padding, in pixels
  /// \throws ShapeError  a size or stride is below 1, or a padding below 0
  explicit MaxPool2d(const Pool2dOptions& options = {}) : Pool2d("MaxPool2d", options) {}

  Tensor forward(Tensor x) override;
  Tensor backward(Tensor grad_y) override;
  Cost cost(const Shape& x) const override;

 private:
  struct State {
    Tensor indices;
    Shape x_shape;
  };
  Kept<State> state_;
};

}  // namespace cnn::nn
