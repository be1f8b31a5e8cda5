// SPDX-License-Identifier: MIT
#pragma once

#include "common/nn/weighted.hpp"

namespace cnn::nn {

/// Settings of a Linear layer.
struct LinearOptions {
  bool bias = true;  ///< whether a number is added per output
};

/// A fully connected layer, see ops::linear().
class Linear : public Weighted {
 public:
  /// \param in_features   inputs
  /// \param out_features  outputs
  /// \param rng           what weight and bias are drawn from, as in PyTorch
  /// \param options       bias
  /// \throws ShapeError  a size is below 1
  Linear(Index in_features, Index out_features, Rng& rng, const LinearOptions& options = {});

  Tensor forward(Tensor x) override;
  Tensor backward(Tensor grad_y) override;
  Shape output_shape(const Shape& x) const override;
  Index macs(const Shape& x) const override;
  Spec spec() const override;
  ReceptiveField receptive_field(const ReceptiveField&) const override { return {.all = true}; }

 private:
  Saved<Tensor> x_;
};

}  // namespace cnn::nn
