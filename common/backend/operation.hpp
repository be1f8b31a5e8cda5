// SPDX-License-Identifier: MIT
/// \file
/// What the operations of a backend are told beside the tensors that they read and write.
#pragma once

#include <limits>
#include <memory>

#include "common/tensor/tensor.hpp"

namespace cnn {

/// How a convolution moves over its image, in pixels. Kernel sizes are in the weight's shape.
struct ConvGeometry {
  Size2d stride{1};   ///< step of the window
  Size2d padding{0};  ///< zeros added on each side
};

/// The window of a pooling layer and how it moves, in pixels.
struct Pool2dOptions {
  Size2d kernel{2};   ///< the window
  Size2d stride{2};   ///< its step
  Size2d padding{0};  ///< on each side: minus infinity for the maximum, zeros that count for the average
};

/// A function of each element.
enum class Activation {
  sigmoid,  ///< 1 / (1 + exp(-x))
  relu      ///< max(x, 0)
};

/// \return whether the backward pass needs x: the derivative of the others follows from y
constexpr bool saves_input(Activation) { return false; }

/// A factor and a term for each channel, or for each feature of a row: scale[c] * x + shift[c].
struct ChannelLine {
  const Tensor& scale;  ///< [c]
  const Tensor& shift;  ///< [c]
};

/// What an operation does to each number of its output while it still is in a register, instead of a pass over memory. In this
/// order: y = scale[c] * y + shift[c], y += residual, y = max(y, 0), each of them only if asked for. A convolution and a linear
/// layer do all of it, other operations the ReLU.
struct Epilogue {
  bool relu = false;                  ///< whether max(y, 0) is written in place of y
  const ChannelLine* line = nullptr;  ///< null for none
  const Tensor* residual = nullptr;   ///< like y, may be a range of channels; null for none

  /// \return the least number that may be written: 0 with a ReLU, else minus infinity
  float least() const { return relu ? 0.0F : -std::numeric_limits<float>::infinity(); }
  /// \return whether there is nothing but a ReLU, or nothing at all
  bool is_simple() const { return line == nullptr && residual == nullptr; }
  /// \return whether there is nothing at all
  bool is_nothing() const { return is_simple() && !relu; }
};

/// What a convolution does to its input while it packs it: x = scale[c] * x + shift[c], x = max(x, 0). Padding stays 0.
struct Prologue {
  ChannelLine line;   ///< [ic]
  bool relu = false;  ///< whether max(x, 0) takes the place of x
};

/// What becomes of the former values of an output.
enum class Write {
  overwrites,  ///< they are lost
  adds         ///< they are added to, as a gradient that several branches sum is
};

/// What a rung makes of a weight before it multiplies, such as panels, kept from one call to the next while the weight stays what
/// it is. The first call fills it in; another rung, or another algorithm, makes it anew.
struct KeptWeight {
  Index images = 1;                    ///< of a call, as foreseen: what pays depends on it
  std::shared_ptr<const void> form{};  ///< what was made, null at first
  const void* kind = nullptr;          ///< an address that says which form it is: the rung's own
};

/// What a convolution or a linear layer multiplies by, and what follows.
struct ConvWeights {
  const Tensor& weight;                ///< [oc, ic, kh, kw]
  const Tensor* bias = nullptr;        ///< [oc], or null for none
  Epilogue epilogue = {};              ///< what happens to the sums
  const Prologue* prologue = nullptr;  ///< what happens to the input of a convolution; null for nothing
  KeptWeight* kept = nullptr;          ///< null where the weight may change before the next call
};

/// What a batch normalization subtracts and divides by, one number per channel, multiplies by and adds, and what follows.
struct Normalization {
  const Tensor& mean;      ///< [c]
  const Tensor& variance;  ///< [c]
  const Tensor& weight;    ///< [c], gamma
  const Tensor& bias;      ///< [c], beta
  double epsilon;          ///< added to the variance, against division by zero
  Epilogue epilogue = {};  ///< what happens to the results
};

/// Averages of a batch normalization's statistics over the batches: (1 - momentum) times the average plus momentum times the
/// new one, computed in double.
struct RunningStatistics {
  Tensor& mean;      ///< [c]
  Tensor& variance;  ///< [c]; with Bessel's correction, m / (m - 1) for m values of a channel
  double momentum;   ///< what a batch contributes, 0 ... 1
};

/// What a batch normalization in training finds out about its batch.
struct BatchStatistics {
  Tensor& mean;                                ///< [c], overwritten
  Tensor& variance;                            ///< [c], overwritten: the mean squared deviation
  const RunningStatistics* running = nullptr;  ///< changed; null for none
};

/// Settings of one step of stochastic gradient descent.
struct SgdStep {
  float learning_rate;  ///< step size
  float momentum;       ///< fraction of the last step kept
  float weight_decay;   ///< added to the gradient as weight_decay * value
};

/// Settings of one step of Adam.
struct AdamStep {
  double learning_rate;  ///< step size
  double beta1;          ///< decay of the mean gradient
  double beta2;          ///< decay of the mean squared gradient
  double epsilon;        ///< added to the root, against division by zero
  double weight_decay;   ///< added to the gradient as weight_decay * value
  Index step;            ///< 1 for the first step
};

/// A parameter in a step of stochastic gradient descent: three tensors of one shape.
struct SgdParameter {
  Tensor value;          ///< changed
  Tensor grad;           ///< its gradient
  Tensor velocity = {};  ///< changed; not defined() without momentum
};

/// A parameter in a step of Adam: four tensors of one shape.
struct AdamParameter {
  Tensor value;        ///< changed
  Tensor grad;         ///< its gradient
  Tensor mean;         ///< of the gradients, changed
  Tensor mean_square;  ///< of the gradients, changed
};

/// Operations that may need work space.
enum class Operation {
  conv2d,
  conv2d_backward_input,
  conv2d_backward_weight,
  linear,
  linear_backward_input,
  linear_backward_weight
};

}  // namespace cnn
