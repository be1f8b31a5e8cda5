// SPDX-License-Identifier: MIT
#pragma once

#include "common/backend/backend.hpp"

namespace cnn {

/// A rung of the CPU's ladder above the lowest one: each method hands the call to the rung below. A rung overrides what it does
/// better and inherits the rest.
class Rung : public Backend {
 public:
  /// \param below  the rung that does what this one does not
  explicit Rung(Backend& below) : below_(below) {}

  void conv2d(Tensor& y, const Tensor& x, const ConvWeights& w, const ConvGeometry& g) override {
    below_.conv2d(y, x, w, g);
  }
  void conv2d_backward_input(Tensor& grad_x, const Tensor& grad_y, const Tensor& weight,
                             const ConvGeometry& g, Write write) override {
    below_.conv2d_backward_input(grad_x, grad_y, weight, g, write);
  }
  void conv2d_backward_weight(Tensor& grad_weight, Tensor* grad_bias, const Tensor& grad_y, const Tensor& x,
                              const ConvGeometry& g, const Shards& shards) override {
    below_.conv2d_backward_weight(grad_weight, grad_bias, grad_y, x, g, shards);
  }
  Index scratch_bytes(Operation operation, const Shape& x, const Shape& weight,
                      const ConvGeometry& g) const override {
    return below_.scratch_bytes(operation, x, weight, g);
  }
  void linear(Tensor& y, const Tensor& x, const ConvWeights& w) override { below_.linear(y, x, w); }
  void linear_backward_input(Tensor& grad_x, const Tensor& grad_y, const Tensor& weight) override {
    below_.linear_backward_input(grad_x, grad_y, weight);
  }
  void linear_backward_weight(Tensor& grad_weight, Tensor* grad_bias, const Tensor& grad_y, const Tensor& x,
                              const Shards& shards) override {
    below_.linear_backward_weight(grad_weight, grad_bias, grad_y, x, shards);
  }
  void max_pool2d(Tensor& y, Tensor* indices, const Tensor& x, const Pool2dOptions& o) override {
    below_.max_pool2d(y, indices, x, o);
  }
  void max_pool2d_backward(Tensor& grad_x, const Tensor& grad_y, const Tensor& indices,
                           const Pool2dOptions& o, Write write) override {
    below_.max_pool2d_backward(grad_x, grad_y, indices, o, write);
  }
  void avg_pool2d(Tensor& y, const Tensor& x, const Pool2dOptions& o) override { below_.avg_pool2d(y, x, o); }
  void avg_pool2d_backward(Tensor& grad_x, const Tensor& grad_y, const Pool2dOptions& o,
                           Write write) override {
    below_.avg_pool2d_backward(grad_x, grad_y, o, write);
  }
  void activation(Tensor& y, const Tensor& x, Activation f) override { below_.activation(y, x, f); }
  void activation_backward(Tensor& grad_x, const Tensor& grad_y, const Tensor& y, Activation f) override {
    below_.activation_backward(grad_x, grad_y, y, f);
  }
  void batch_norm_training(Tensor& y, const BatchStatistics& statistics, const Tensor& x,
                           const Normalization& norm, const BatchPart& part) override {
    below_.batch_norm_training(y, statistics, x, norm, part);
  }
  void batch_norm(Tensor& y, const Tensor& x, const Normalization& norm) override {
    below_.batch_norm(y, x, norm);
  }
  void batch_norm_backward(Tensor& grad_x, Tensor& grad_weight, Tensor& grad_bias, const Tensor& grad_y,
                           const Tensor& x, const Normalization& norm, const BatchPart& part,
                           Write write) override {
    below_.batch_norm_backward(grad_x, grad_weight, grad_bias, grad_y, x, norm, part, write);
  }
  //! [below]
  void softmax(Tensor& probabilities, const Tensor& logits) override {
    below_.softmax(probabilities, logits);
  }
  //! [below]
  void softmax_cross_entropy(Tensor& losses, Tensor& correct, Tensor* grad_logits, const Tensor& logits,
                             const Tensor& labels, Index images) override {
    below_.softmax_cross_entropy(losses, correct, grad_logits, logits, labels, images);
  }
  void add_scaled(Tensor& y, const Tensor& x, float scale, const Epilogue& epilogue) override {
    below_.add_scaled(y, x, scale, epilogue);
  }
  void dropout(Tensor& y, const Tensor& x, const Tensor& mask, float scale) override {
    below_.dropout(y, x, mask, scale);
  }
  void sgd_step(const std::vector<SgdParameter>& parameters, const SgdStep& s) override {
    below_.sgd_step(parameters, s);
  }
  void adam_step(const std::vector<AdamParameter>& parameters, const AdamStep& s) override {
    below_.adam_step(parameters, s);
  }

 protected:
  /// \return the rung below
  Backend& below() const { return below_; }

 private:
  Backend& below_;
};

}  // namespace cnn
