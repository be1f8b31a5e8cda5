// SPDX-License-Identifier: MIT
#pragma once

#include "common/backend/rung.hpp"

namespace cnn {

/// What a rung does itself before and after the sums of a convolution or a linear layer.
enum class Fuses {
  relu,      ///< a ReLU behind them
  prologue,  ///< that, and what comes before a convolution
  all        ///< a whole Epilogue, and a Prologue
};

/// Makes of several operations what the rung below does not do in one: a prologue, an epilogue with more than a ReLU in it, a
/// gradient that is added. The rungs below are never asked for these. A rung that learns to do one of them in one pass is to be
/// asked first, here.
class InPieces : public Rung {
 public:
  /// \param below  the rung that does the pieces
  /// \param fuses  what that rung does in one pass
  explicit InPieces(Backend& below, Fuses fuses = Fuses::relu) : Rung(below), fuses_(fuses) {}

  std::string name() const override { return below().name(); }
  void conv2d(Tensor& y, const Tensor& x, const ConvWeights& w, const ConvGeometry& g) override;
  void linear(Tensor& y, const Tensor& x, const ConvWeights& w) override;
  void conv2d_backward_input(Tensor& grad_x, const Tensor& grad_y, const Tensor& weight,
                             const ConvGeometry& g, Write write) override;
  void max_pool2d_backward(Tensor& grad_x, const Tensor& grad_y, const Tensor& indices,
                           const Pool2dOptions& o, Write write) override;
  void avg_pool2d_backward(Tensor& grad_x, const Tensor& grad_y, const Pool2dOptions& o,
                           Write write) override;
  void batch_norm_backward(Tensor& grad_x, Tensor& grad_weight, Tensor& grad_bias, const Tensor& grad_y,
                           const Tensor& x, const Normalization& norm, const BatchPart& part,
                           Write write) override;

 private:
  template <typename Gradient>
  void write_or_add(Tensor& grad_x, Write write, const Gradient& gradient);
  void scale_and_shift(Tensor& y, const Tensor& x, const ChannelLine& line, bool relu);
  void finish(Tensor& y, const Epilogue& epilogue);

  Fuses fuses_;
};

}  // namespace cnn
