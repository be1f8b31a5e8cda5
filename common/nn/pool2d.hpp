// SPDX-License-Identifier: MIT
#pragma once

#include "common/backend/operation.hpp"
#include "common/nn/module.hpp"
#include "common/nn/saved.hpp"

namespace cnn::nn {

/// Base of the two poolings: all that depends on the window only.
class Pool2d : public Module {
 public:
  Shape output_shape(const Shape& x) const override;
  Spec spec() const override;
  ReceptiveField receptive_field(const ReceptiveField& x) const override {
    return x.through(options_.kernel, options_.stride);
  }

  /// \return window, stride and padding
  const Pool2dOptions& options() const noexcept { return options_; }

 protected:
  /// \param kind     name of the class
  /// \param options  window, stride and padding, in pixels
  /// \throws ShapeError  a size or stride is below 1, or a padding below 0
  Pool2d(std::string kind, const Pool2dOptions& options);

 private:
  std::string kind_;
  Pool2dOptions options_;
};

/// Maximum of each window, see ops::max_pool2d(). Saves the indices of the maxima, not the image.
class MaxPool2d : public Pool2d {
 public:
  /// \param options  window, stride and padding, in pixels
  /// \throws ShapeError  a size or stride is below 1, or a padding below 0
  explicit MaxPool2d(const Pool2dOptions& options = {}) : Pool2d("MaxPool2d", options) {}

  Tensor forward(Tensor x) override;
  Tensor backward(Tensor grad_y) override;

 private:
  struct State {
    Tensor indices;
    Shape x_shape;
  };
  Saved<State> state_;
};

/// Mean of each window, see ops::avg_pool2d(). Saves only the shape of its input.
class AvgPool2d : public Pool2d {
 public:
  /// \param options  window, stride and padding, in pixels
  /// \throws ShapeError  a size or stride is below 1, or a padding below 0
  explicit AvgPool2d(const Pool2dOptions& options = {}) : Pool2d("AvgPool2d", options) {}

  Tensor forward(Tensor x) override;
  Tensor backward(Tensor grad_y) override;

 private:
  Saved<Shape> x_shape_;
};

}  // namespace cnn::nn
