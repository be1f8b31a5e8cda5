// SPDX-License-Identifier: MIT
#pragma once

#include "common/nn/batch_aware.hpp"
#include "common/nn/saved.hpp"

namespace cnn::nn {

/// Drops each element with probability p while training and scales the others by 1 / (1 - p); in evaluation it returns its
/// input. See ops::dropout_mask(). Every process draws for the whole batch and takes what belongs to its images. Saves the mask;
/// works in place where nobody else holds its input.
class Dropout : public Module, public BatchAware {
 public:
  /// \param p    probability that an element is dropped, 0 ... 1
  /// \param rng  what each forward pass in training mode draws from; must outlive the layer
  /// \throws UsageError  p is not a probability
  Dropout(double p, Rng& rng);

  Tensor forward(Tensor x) override;
  Tensor backward(Tensor grad_y) override;
  Shape output_shape(const Shape& x) const override { return x; }
  Spec spec() const override;

  /// \return probability that an element is dropped
  double p() const noexcept { return p_; }

 private:
  struct State {
    Tensor mask;  // not defined for p = 0
    Shape shape;
  };

  double p_;
  Rng* rng_;
  Saved<State> state_;
};

}  // namespace cnn::nn
