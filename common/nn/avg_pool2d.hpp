// SPDX-License-Identifier: MIT
#pragma once

#include "common/nn/kept.hpp"
#include "common/nn/pool2d.hpp"

namespace cnn::nn {

/// Mean of each window, see ops::avg_pool2d(). Keeps only the shape of its input.
class AvgPool2d : public Pool2d {
 public:
  /// \param options  window, stride and padding, in pixels
  /// \throws ShapeError  a size or stride is below 1, or a padding below 0
  explicit AvgPool2d(const Pool2dOptions& options = {}) : Pool2d("AvgPool2d", options) {}

  Tensor forward(Tensor x) override;
  Tensor backward(Tensor grad_y) override;
  Cost cost(const Shape& x) const override;

 private:
  Kept<Shape> x_shape_;
};

}  // namespace cnn::nn
