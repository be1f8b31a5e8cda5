// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <utility>
#include <vector>

#include "common/nn/container.hpp"
#include "common/nn/saved.hpp"

namespace cnn::nn {

/// Several ways through, their channels behind each other: \f$ y = [f_1(x), \dots, f_k(x)] \f$. Backward cuts the gradient
/// into the channels of each branch, and adds up what the branches return: \f$ \bar x = \sum_k f_k'(\bar y_k) \f$, where
/// \f$ f_k' \f$ stands for the backward pass of a branch.
///
/// A block of GoogLeNet has four branches; a layer of DenseNet has two, the first one an Identity. Several of the latter in a
/// Sequential share one buffer: the first one makes it large enough for the channels that all of them add and copies its input
/// there, each of the others writes its new channels behind those that are there already. What it returns is the range of
/// channels filled so far. Backward, a branch gets a range of channels of the gradient. Neither way copies the old channels.
///
/// \verbatim
///     buffer of each image   | x | y1 | y2 | y3 |
///     output of layer 1      |--------|
///     output of layer 2      |-------------|
///     output of layer 3      |------------------|
/// \endverbatim
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

  /// Says which Concat gets the output, as Sequential does: if its first branch is an Identity, both share a buffer.
  /// \param next  the Concat that follows
  void set_next(std::shared_ptr<Concat> next);

 private:
  /// Channels that the next ones of the buffer will put behind an output of shape y.
  Index reserve(const Shape& y) const;

  Saved<std::vector<Index>> widths_;    // channels of each branch's output
  std::shared_ptr<const Concat> next_;  // of the same buffer
  bool continues_ = false;              // the buffer of the one before
};

}  // namespace cnn::nn
