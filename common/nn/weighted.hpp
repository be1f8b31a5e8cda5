// SPDX-License-Identifier: MIT
#pragma once

#include <functional>
#include <memory>
#include <optional>

#include "common/nn/batch_aware.hpp"
#include "common/nn/fusible.hpp"

namespace cnn::nn {

/// What a layer works with in evaluation in place of its weight and bias, see Prepared.
struct PreparedWeight {
  Tensor weight;                     ///< like the weight
  Tensor bias;                       ///< [outputs], or not defined() for none
  Tensor scale, shift;               ///< [inputs], what the prologue refers to, if there is one
  std::optional<Prologue> prologue;  ///< of a convolution: the normalization before it
  KeptWeight kept;                   ///< the form of the weight, once it was used
};

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
  /// \return the bias; its value is not defined() without one
  const Parameter& bias_parameter() const noexcept { return bias_; }

  /// \param prepared  what evaluation works with from now on; null for the layer's own weight
  void set_prepared(std::shared_ptr<PreparedWeight> prepared) { prepared_ = std::move(prepared); }

 protected:
  /// \param kind          name of the class, for messages
  /// \param weight_shape  [outputs, ...]; the other axes are the inputs of one output
  /// \param with_bias     whether there is a bias
  /// \param rng           what the values are drawn from
  /// \throws ShapeError  a size is below 1
  Weighted(const std::string& kind, const Shape& weight_shape, bool with_bias, Rng& rng);

  /// \return the bias, or null for none
  const Tensor* bias() const { return bias_.value.defined() ? &bias_.value : nullptr; }

  /// \return what forward() multiplies by, and its epilogue
  ConvWeights operands();

  /// Makes gradients of weight and bias: the first ones after zero_grad() are written in place, later ones added.
  /// \param write  writes dL/dweight and dL/dbias (null without bias) into the tensors it is given
  void add_grads(const std::function<void(Tensor& grad_weight, Tensor* grad_bias)>& write);

 private:
  Parameter weight_{"weight", {}, {}};
  Parameter bias_{"bias", {}, {}};
  std::shared_ptr<PreparedWeight> prepared_;
};

}  // namespace cnn::nn
