// SPDX-License-Identifier: MIT
#pragma once

#include "common/backend/backend.hpp"

namespace cnn {

/// The rung of graphics cards: every operation as kernels that are queued on the device of the tensors, which is made the current one
/// meanwhile. Each operation takes a number of launches that does not depend on the batch (except with the kernel `cublas`), and
/// none waits. Convolutions and linear layers do all that comes before and
/// after their sums in the same kernel, other operations the ReLU; InPieces makes the rest.
class CudaBackend : public Backend {
 public:
  std::string name() const override { return "cuda"; }

  Index scratch_bytes(Operation operation, const Shape& x, const Shape& weight,
                      const ConvGeometry& g) const override;
  void conv2d(Tensor& y, const Tensor& x, const ConvWeights& w, const ConvGeometry& g) override;
  void conv2d_backward_input(Tensor& grad_x, const Tensor& grad_y, const Tensor& weight,
                             const ConvGeometry& g, Write) override;
  void conv2d_backward_weight(Tensor& grad_weight, Tensor* grad_bias, const Tensor& grad_y, const Tensor& x,
                              const ConvGeometry& g, const Shards& shards) override;
  void linear(Tensor& y, const Tensor& x, const ConvWeights& w) override;
  void linear_backward_input(Tensor& grad_x, const Tensor& grad_y, const Tensor& weight) override;
  void linear_backward_weight(Tensor& grad_weight, Tensor* grad_bias, const Tensor& grad_y, const Tensor& x,
                              const Shards& shards) override;
  void max_pool2d(Tensor& y, Tensor* indices, const Tensor& x, const Pool2dOptions& o) override;
  void max_pool2d_backward(Tensor& grad_x, const Tensor& grad_y, const Tensor& indices,
                           const Pool2dOptions& o, Write) override;
  void avg_pool2d(Tensor& y, const Tensor& x, const Pool2dOptions& o) override;
  void avg_pool2d_backward(Tensor& grad_x, const Tensor& grad_y, const Pool2dOptions& o, Write) override;
  void activation(Tensor& y, const Tensor& x, Activation f) override;
  void activation_backward(Tensor& grad_x, const Tensor& grad_y, const Tensor& y, Activation f) override;
  void batch_norm_training(Tensor& y, const BatchStatistics& statistics, const Tensor& x,
                           const Normalization& norm, const BatchPart& part) override;
  void batch_norm(Tensor& y, const Tensor& x, const Normalization& norm) override;
  void batch_norm_backward(Tensor& grad_x, Tensor& grad_weight, Tensor& grad_bias, const Tensor& grad_y,
                           const Tensor& x, const Normalization& norm, const BatchPart& part, Write) override;
  void softmax(Tensor& probabilities, const Tensor& logits) override;
  void softmax_cross_entropy(Tensor& losses, Tensor& correct, Tensor* grad_logits, const Tensor& logits,
                             const Tensor& labels, Index images) override;
  void add_scaled(Tensor& y, const Tensor& x, float scale, const Epilogue& epilogue) override;
  void dropout(Tensor& y, const Tensor& x, const Tensor& mask, float scale) override;
  void sgd_step(const std::vector<SgdParameter>& parameters, const SgdStep& s) override;
  void adam_step(const std::vector<AdamParameter>& parameters, const AdamStep& s) override;
};

}  // namespace cnn
