// SPDX-License-Identifier: MIT
#pragma once

#include "common/nn/container.hpp"
#include "common/nn/kept.hpp"

namespace cnn::nn {

/// Several ways through, their channels behind each other: \f$ y = [f_1(x), \dots, f_k(x)] \f$. Backward cuts the gradient
/// into the channels of each branch, and adds up what the branches return: \f$ \bar x = \sum_k f_k'(\bar y_k) \f$, where
/// \f$ f_k' \f$ stands for the backward pass of a branch.
///
/// A block of GoogLeNet has four branches; a layer of DenseNet has two, the first one an Identity.
/// \see C. Szegedy et al., "Going deeper with convolutions" (2015); G. Huang et al., "Densely connected convolutional
///      networks" (2017)
class Concat : public Container {
 public:
  /// Use braces, `Concat{...}`: a brace list is evaluated from left to right, so the order in which weights are drawn is that
  /// of the branches.
  /// \param branches  at least one
  /// \throws UsageError  two parameters would have the same full name, or there is no branch
  Concat(std::initializer_list<Child> branches);

  Tensor forward(Tensor x) override;
  Tensor backward(Tensor grad_y) override;
  Shape output_shape(const Shape& x) const override;
  Cost cost(const Shape& x) const override;
  Flow trace(const Flow& x) const override;
  std::vector<Flow> leaf_inputs(const Flow& x) const override;

 private:
  std::vector<Flow> branch_inputs(const Flow& x) const;

  Kept<std::vector<Index>> widths_;  // channels of each branch's output
};

}  // namespace cnn::nn
