// SPDX-License-Identifier: MIT
#pragma once

#include "common/nn/kept.hpp"
#include "common/nn/module.hpp"

namespace cnn::nn {

/// \f$ 1 / (1 + e^{-x}) \f$, element by element, see ops::sigmoid().
/// Keeps its output; works in place where nobody else holds its input.
class Sigmoid : public Module {
 public:
  Tensor forward(Tensor x) override;
  Tensor backward(Tensor grad_y) override;
  Shape output_shape(const Shape& x) const override { return x; }
  Cost cost(const Shape& x) const override;
  Spec spec() const override { return {.kind = "Sigmoid", .options = {}, .children = {}}; }

 private:
  Kept<Tensor> y_;
};

}  // namespace cnn::nn
