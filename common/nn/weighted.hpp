// SPDX-License-Identifier: MIT
#pragma once

#include <functional>

#include "common/nn/batch_aware.hpp"
#include "common/nn/fusible.hpp"

namespace cnn::nn {

/// Base of the layers that multiply by a weight and add a bias.
///
/// Both start as in PyTorch: the weight, then the bias, each element in memory order, from U(-b, b) with
/// \f$ b = 1/\sqrt{\text{fan\_in}} \f$, fan_in being the number of inputs of one output.
/// \see K. He et al., "Delving deep into rectifiers" (2015); PyTorch calls it `kaiming_uniform_(a=sqrt(5))`
class Weighted : public Module, public Fusible, public BatchAware {
 public:
  std::vector<Parameter*> own_parameters() override;

  /// \return the weight
  const Parameter& weight() const noexcept { return weight_; }

 protected:
  /// \param kind          name of the class, for messages
  /// \param weight_shape  [outputs, ...]; the other axes are the inputs of one output
  /// \param with_bias     whether there is a bias
  /// \param rng           what the values are drawn from
  /// \throws ShapeError  a size is below 1
  Weighted(const std::string& kind, const Shape& weight_shape, bool with_bias, Rng& rng);

  /// \return the bias, or null for none
  const Tensor* bias() const { return bias_.value.defined() ? &bias_.value : nullptr; }

  /// Makes gradients of weight and bias: the first ones after zero_grad() are written in place, later ones added.
  /// \param write  writes dL/dweight and dL/dbias (null without bias) into the tensors it is given
  void add_grads(const std::function<void(Tensor& grad_weight, Tensor* grad_bias)>& write);

 private:
  Parameter weight_{"weight", {}, {}};
  Parameter bias_{"bias", {}, {}};
};

}  // namespace cnn::nn
