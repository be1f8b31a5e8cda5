// SPDX-License-Identifier: MIT
#pragma once

#include "common/nn/kept.hpp"
#include "common/nn/module.hpp"

namespace cnn::nn {

/// \f$ \max(x, 0) \f$, element by element, see ops::relu().
/// Keeps its output; works in place where nobody else holds its input.
class ReLU : public Module {
 public:
  Tensor forward(Tensor x) override;
  Tensor backward(Tensor grad_y) override;
  Shape output_shape(const Shape& x) const override { return x; }
  Cost cost(const Shape& x) const override;
  Spec spec() const override { return {.kind = "ReLU", .options = {}, .children = {}}; }

  /// Leaves a share of the work to the layer before, see fuse().
  /// \param share  what that layer has taken over
  void hand_over(ReluShare share) noexcept { handed_over_ = share; }

 private:
  Kept<Tensor> y_;
  ReluShare handed_over_ = ReluShare::none;
};

}  // namespace cnn::nn
