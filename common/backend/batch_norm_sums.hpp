// SPDX-License-Identifier: MIT
#pragma once

#include "common/backend/backend.hpp"

namespace cnn {

/// The two sums of each channel that a pass of a batch normalization takes over its batch, and what follows from them: the same
/// on every rung of the CPU, which differ in how they add up a shard.
class BatchNormSums {
 public:
  /// \param channels  sums of zero for so many, in each shard of the part
  /// \param part      of the batch; must outlive the sums
  BatchNormSums(Index channels, const BatchPart& part);

  /// \param shard  0 ... part.shards.count() - 1
  /// \return       the first sums of a shard, [c]: of x, or of grad_y
  double* first(Index shard = 0) { return sums_.doubles() + shard * 2 * channels_; }
  /// \param shard  0 ... part.shards.count() - 1
  /// \return       the second sums of a shard, [c]: of x^2, or of grad_y (x - mean)
  double* second(Index shard = 0) { return first(shard) + channels_; }

  /// Forward: joins all sums; mean = sum x / m and variance = sum x^2 / m - mean^2, in double, which has digits to spare for
  /// the difference; then the running averages.
  /// \param statistics  overwritten
  /// \param pixels      of an image
  void finish(const BatchStatistics& statistics, Index pixels);

  /// Backward: grad_bias = sum grad_y and grad_weight = sum grad_y x^ over the images of this process; then first() and second()
  /// become the sums over the batch.
  /// \param grad_weight,grad_bias  [c], overwritten
  /// \param norm                   as in Backend::batch_norm_backward()
  void finish(Tensor& grad_weight, Tensor& grad_bias, const Normalization& norm);

 private:
  void join();

  Index channels_;
  const BatchPart& part_;
  Tensor sums_;  // f64, [shards, 2, c]
};

/// \param norm  a normalization
/// \param c     a channel
/// \return      1 / sqrt(variance + epsilon)
double inverse_deviation(const Normalization& norm, Index c);

}  // namespace cnn
