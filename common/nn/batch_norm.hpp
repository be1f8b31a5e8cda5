// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include "common/backend/operation.hpp"
#include "common/nn/batch_aware.hpp"
#include "common/nn/fusible.hpp"

namespace cnn::nn {

/// Settings of a batch normalization.
struct BatchNormOptions {
  double epsilon = 1e-5;  ///< added to the variance, against division by zero
  double momentum = 0.1;  ///< what a batch contributes to the running statistics, 0 ... 1
};

/// Base of the two batch normalizations, see ops::batch_norm().
///
/// In training each channel is normalized with the mean and variance of the batch, and the running statistics follow them:
/// \f$ r \leftarrow (1-m)\, r + m\, s \f$ with the momentum m. As in PyTorch, s for the running variance has Bessel's
/// correction, count / (count - 1), which the normalization itself does not. In evaluation the running statistics take their
/// place, and the layer works in place where nobody else holds its input.
///
/// Parameters: weight (gamma, starts at 1) and bias (beta, at 0), nothing is drawn. Buffers: running_mean (0), running_var (1),
/// num_batches_tracked (an i64 scalar, on the host). Saves its input and both statistics; with a
/// ReLU as its epilogue nothing more, since the backward pass computes the signs of the output again.
class BatchNorm : public Module, public Fusible, public BatchAware {
 public:
  Tensor forward(Tensor x) override;
  Tensor backward(Tensor grad_y) override;
  std::vector<Parameter*> own_parameters() override { return {&weight_, &bias_}; }
  std::vector<Buffer*> own_buffers() override {
    return {&running_mean_, &running_var_, &num_batches_tracked_};
  }
  Shape output_shape(const Shape& x) const override;
  Spec spec() const override;

  /// \param on  whether evaluation hands its input on, since a layer beside it does its work, see Prepared
  void set_folded(bool on) noexcept { folded_ = on; }
  /// \return whether it does
  bool is_folded() const noexcept { return folded_; }

  /// \return gamma, [c]
  const Parameter& weight() const noexcept { return weight_; }
  /// \return beta, [c]
  const Parameter& bias() const noexcept { return bias_; }
  /// \return running mean, [c]
  const Tensor& running_mean() const noexcept { return running_mean_.value; }
  /// \return running variance, [c]
  const Tensor& running_var() const noexcept { return running_var_.value; }

 protected:
  /// \param kind      name of the class
  /// \param rank      axes of an input
  /// \param channels  number of channels
  /// \param options   epsilon and momentum
  /// \throws ShapeError  there is no channel
  /// \throws UsageError  epsilon is negative, or the momentum not in 0 ... 1
  BatchNorm(std::string kind, std::size_t rank, Index channels, const BatchNormOptions& options);

 private:
  struct State {
    Tensor x;
    Tensor mean;
    Tensor variance;
  };

  Index channels() const { return weight_.value.size(); }
  Tensor train_forward(Tensor x);

  std::string kind_;
  std::size_t rank_;
  BatchNormOptions options_;
  Parameter weight_{"weight", {}, {}};
  Parameter bias_{"bias", {}, {}};
  Buffer running_mean_{"running_mean", {}};
  Buffer running_var_{"running_var", {}};
  Buffer num_batches_tracked_{"num_batches_tracked", {}, true};
  Saved<State> state_;
  bool folded_ = false;
};

/// Batch normalization of rows [n, features].
class BatchNorm1d : public BatchNorm {
 public:
  /// \param features  length of a row
  /// \param options   epsilon and momentum
  /// \throws ShapeError  there is no feature
  /// \throws UsageError  epsilon is negative, or the momentum not in 0 ... 1
  explicit BatchNorm1d(Index features, const BatchNormOptions& options = {})
      : BatchNorm("BatchNorm1d", 2, features, options) {}
};

/// Batch normalization of images [n, channels, h, w].
class BatchNorm2d : public BatchNorm {
 public:
  /// \param channels  number of channels
  /// \param options   epsilon and momentum
  /// \throws ShapeError  there is no channel
  /// \throws UsageError  epsilon is negative, or the momentum not in 0 ... 1
  explicit BatchNorm2d(Index channels, const BatchNormOptions& options = {})
      : BatchNorm("BatchNorm2d", 4, channels, options) {}
};

}  // namespace cnn::nn
