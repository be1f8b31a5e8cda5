// SPDX-License-Identifier: MIT
#pragma once

#include "common/backend/rung.hpp"

namespace cnn {

/// The second rung: convolutions and linear layers as products of matrices, left to BLAS; element-by-element functions as
/// xtensor expressions, which xsimd vectorises. All else is done by the rung below.
///
/// BLAS runs on one thread, and this rung gives pieces of fixed size to the threads of parallel_for(): OpenBLAS's own threads
/// would change the last bits of a sum with their number.
class XtensorBackend : public Rung {
 public:
  using Rung::Rung;
  std::string name() const override { return "xtensor"; }

  void conv2d(Tensor& y, const Tensor& x, const ConvWeights& w, const ConvGeometry& g) override;
  void conv2d_backward_input(Tensor& grad_x, const Tensor& grad_y, const Tensor& weight,
                             const ConvGeometry& g, Write) override;
  void conv2d_backward_weight(Tensor& grad_weight, Tensor* grad_bias, const Tensor& grad_y, const Tensor& x,
                              const ConvGeometry& g, const Shards& shards) override;
  Index scratch_bytes(Operation operation, const Shape& x, const Shape& weight,
                      const ConvGeometry& g) const override;
  void linear(Tensor& y, const Tensor& x, const ConvWeights& w) override;
  void linear_backward_input(Tensor& grad_x, const Tensor& grad_y, const Tensor& weight) override;
  void linear_backward_weight(Tensor& grad_weight, Tensor* grad_bias, const Tensor& grad_y, const Tensor& x,
                              const Shards& shards) override;
  void activation(Tensor& y, const Tensor& x, Activation f) override;
  void activation_backward(Tensor& grad_x, const Tensor& grad_y, const Tensor& y, Activation f) override;
  void batch_norm_training(Tensor& y, const BatchStatistics& statistics, const Tensor& x,
                           const Normalization& norm, const BatchPart& part) override;
  void batch_norm(Tensor& y, const Tensor& x, const Normalization& norm) override;
  void batch_norm_backward(Tensor& grad_x, Tensor& grad_weight, Tensor& grad_bias, const Tensor& grad_y,
                           const Tensor& x, const Normalization& norm, const BatchPart& part, Write) override;
  void adam_step(const std::vector<AdamParameter>& parameters, const AdamStep& s) override;
};

}  // namespace cnn
