// SPDX-License-Identifier: MIT
#pragma once

#include "common/nn/container.hpp"

namespace cnn::nn {

/// Layers one after the other: \f$ y = f_k(\dots f_1(x)) \f$. Backward runs through them from last to first.
class Sequential : public Container {
 public:
  /// Use braces, `Sequential{...}`: a brace list is evaluated from left to right, so the order in which weights are drawn is
  /// that of the layers. Name a lone nested block, `Sequential{{"net", Sequential{...}}}`: without a name some compilers copy
  /// it and others nest it.
  /// \param children  the layers
  /// \throws UsageError  two parameters would have the same full name
  Sequential(std::initializer_list<Child> children);

  /// Puts one more layer behind the others, for blocks whose number of layers is not fixed.
  /// \param child  the layer, `nn::ReLU{}` or `{"name", nn::ReLU{}}`
  /// \throws UsageError  two parameters would have the same full name
  void add(const Child& child);

  Tensor forward(Tensor x) override;
  Tensor backward(Tensor grad_y) override;
  Shape output_shape(const Shape& x) const override;
};

}  // namespace cnn::nn
