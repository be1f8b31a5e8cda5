// SPDX-License-Identifier: MIT
#pragma once

#include <optional>

#include "common/backend/operation.hpp"
#include "common/tensor/download.hpp"

namespace cnn::ops {

/// Turns each row of scores into probabilities, \f$ p_k = e^{z_k - \max z} / \sum_j e^{z_j - \max z} \f$.
/// \param logits  scores, [n, classes]
/// \return        probabilities, [n, classes]; each row adds up to 1
/// \throws ShapeError  not two axes, or no class
Tensor softmax(const Tensor& logits);

/// What a loss says about each row of a batch, in one block of memory: one copy fetches all of it.
struct RowResults {
  static constexpr Index bytes_of_row = size_of(DType::f32) + size_of(DType::u8);  ///< a loss and a byte

  Tensor bytes;    ///< u8, [bytes_of_row n]: what the others are parts of
  Tensor losses;   ///< -log p[label] of each row, in nats, [n]
  Tensor correct;  ///< u8, [n]: whether the largest score of a row is that of the label

  /// \param all  u8, [bytes_of_row n]
  explicit RowResults(const Tensor& all);
  /// \param n       rows
  /// \param device  where
  /// \return        results that are to be written
  static RowResults empty(Index n, Device device);

  /// Fetches the losses from their device.
  /// \return their mean, summed in double by shards, see sum_over_shards()
  double loss() const;
  /// Fetches `correct` from its device.
  /// \return number of rows whose largest score is that of the label
  Index correct_count() const;
};

/// What softmax_cross_entropy() returns, where the logits are.
struct CrossEntropy : RowResults {
  /// dL/dlogits = (p - one_hot(label)) / images, [n, classes]; not defined() when not asked for
  Tensor grad;
};

/// Cross-entropy of each row of a batch and the gradient of their mean, made together because they share the softmax.
///
/// \f[ L = \frac1n \sum_i \Big( \log\sum_j e^{z_{ij}} - z_{i,\,t_i} \Big),\qquad
///     \frac{\partial L}{\partial z_{ij}} = \frac{p_{ij} - [j = t_i]}{n} \f]
///
/// \param logits         scores z, [n, classes]
/// \param labels         classes t, i64, [n]
/// \param with_gradient  whether grad is wanted
/// \param images         rows of the whole batch, by which the gradient of the mean is divided; n by default
/// \return               losses, which rows are right, gradient; NaN is the loss of a label that is no class
/// \throws ShapeError   sizes disagree
/// \throws DeviceError  tensors are on different devices
CrossEntropy softmax_cross_entropy(const Tensor& logits, const Tensor& labels, bool with_gradient = true,
                                   std::optional<Index> images = {});

/// Class with the largest score of each row; of equal scores the first.
/// \param logits  [n, classes], any device
/// \return        i64, [n], on the host
Tensor argmax(const Tensor& logits);

}  // namespace cnn::ops
