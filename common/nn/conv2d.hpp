// SPDX-License-Identifier: MIT
#pragma once

#include "common/backend/operation.hpp"
#include "common/nn/weighted.hpp"

namespace cnn::nn {

/// How a convolution looks at its image, in pixels.
struct Conv2dOptions {
  Size2d kernel{1};   ///< the window
  Size2d stride{1};   ///< its step
  Size2d padding{0};  ///< zeros added on each side
  bool bias = true;   ///< whether a number is added per output channel
};

/// Cross-correlation with learned kernels, see ops::conv2d().
class Conv2d : public Weighted {
 public:
  /// \param in_channels   channels of the images
  /// \param out_channels  number of kernels
  /// \param options       window, stride, padding, bias
  /// \param rng           what weight and bias are drawn from, as in PyTorch
  /// \throws ShapeError  a size or stride is below 1, or a padding below 0
  Conv2d(Index in_channels, Index out_channels, const Conv2dOptions& options, Rng& rng);

  Tensor forward(Tensor x) override;
  Tensor backward(Tensor grad_y) override;
  Shape output_shape(const Shape& x) const override;
  Index macs(const Shape& x) const override;
  Spec spec() const override;
  ReceptiveField receptive_field(const ReceptiveField& x) const override;

  /// \return stride and padding
  const ConvGeometry& geometry() const noexcept { return geometry_; }

 private:
  ConvGeometry geometry_;
  Saved<Tensor> x_;
};

}  // namespace cnn::nn
