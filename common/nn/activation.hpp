// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include "common/nn/module.hpp"
#include "common/nn/saved.hpp"
#include "common/ops/activation.hpp"

namespace cnn::nn {

/// Base of the layers that apply a function to each element, see ops::activation(). Saves its output; works in place where
/// nobody else holds its input.
class ActivationLayer : public Module {
 public:
  Tensor forward(Tensor x) override;
  Tensor backward(Tensor grad_y) override;
  Shape output_shape(const Shape& x) const override { return x; }
  Spec spec() const override { return {.kind = kind_}; }

 protected:
  /// \param kind      name of the class
  /// \param function  what is applied
  ActivationLayer(std::string kind, Activation function) : kind_(std::move(kind)), function_(function) {}

 private:
  std::string kind_;
  Activation function_;
  Saved<Tensor> saved_;  // y, or x if saves_input(function_)
};

/// \f$ 1 / (1 + e^{-x}) \f$, element by element.
class Sigmoid : public ActivationLayer {
 public:
  Sigmoid() : ActivationLayer("Sigmoid", Activation::sigmoid) {}
};

/// \f$ \max(x, 0) \f$, element by element.
class ReLU : public ActivationLayer {
 public:
  ReLU() : ActivationLayer("ReLU", Activation::relu) {}

  Tensor forward(Tensor x) override;
  Tensor backward(Tensor grad_y) override;
  Spec spec() const override;

  /// \return whether the layer before does the work of this one, see fuse()
  bool is_fused() const noexcept { return fused_; }

  /// \param fused  whether the layer before does the work of this one, from the next forward() on
  void set_fused(bool fused) noexcept { fused_ = fused; }

 private:
  bool fused_ = false;
};

}  // namespace cnn::nn
