// SPDX-License-Identifier: MIT
#pragma once

#include "common/backend/cuda/divisor.hpp"
#include "common/backend/cuda/product.hpp"
#include "common/tensor/tensor.hpp"

namespace cnn::cuda {

/// How the gradient of a weight is made: for each slice of k a matrix of sums, and then one kernel that joins them. The matrices are
/// made for some rows at a time, so that they take no more than 64 MiB (or one row of each). None of this depends on the batch.
struct WeightPlan {
  Index rows;     ///< of the gradient
  Index columns;  ///< of the gradient
  int pieces;     ///< of each shard
  Index at_once;  ///< rows that are made at a time

  /// \param rows_     output channels
  /// \param columns_  numbers that an output pixel is made of
  /// \param pixels    output pixels of an image
  WeightPlan(Index rows_, Index columns_, Index pixels);
  /// \param shards  how many
  /// \param bias    whether the gradient of a bias is made as well
  /// \return        floats that the sums take
  Index floats(Index shards, bool bias) const {
    return shards * (pieces * at_once * columns + (bias ? rows : 0));
  }
};

/// Sums of slices, [slice, count], and where they go when they are joined.
struct SumsToJoin {
  const float* sums = nullptr;  ///< those of the first slice
  float* joined = nullptr;      ///< result
  Index count = 0;              ///< of numbers
  int pieces = 1;               ///< of each shard
};

/// Joins sums: pieces of a shard one after the other, shards in pairs.
/// \param weight  sums of products
/// \param bias    sums of gradients; a count of 0 for none
/// \param shards  how many
/// \throws DeviceError  the launch failed
void join_sums(const SumsToJoin& weight, const SumsToJoin& bias, int shards);

/// sums[shard, o] = sum over the images of the shard, and over their pixels, of grad_y[n, o, i, j]
/// \param sums    overwritten
/// \param grad_y  dL/dy, [n, oc, oh, ow] or [n, out]
/// \param shards  of the images
/// \throws DeviceError  the launch failed
void sum_bias_gradient(float* sums, const Tensor& grad_y, const Shards& shards);

/// Makes the gradients of a layer's weight and bias.
/// \param grad_weight  overwritten
/// \param grad_bias    overwritten; null for a layer without bias
/// \param grad_y       dL/dy
/// \param shards       of the images
/// \param plan         how
/// \param make         called with (sums, first row, rows): sums[slice, row, column]
template <typename Make>
void make_by_shards(Tensor& grad_weight, Tensor* grad_bias, const Tensor& grad_y, const Shards& shards,
                    const WeightPlan& plan, const Make& make) {
  const auto count = static_cast<int>(shards.count());
  Tensor scratch = Tensor::empty({plan.floats(count, grad_bias != nullptr)}, grad_weight.device());
  float* const bias_sums = scratch.data() + count * plan.pieces * plan.at_once * plan.columns;
  SumsToJoin bias;
  if (grad_bias != nullptr) {
    sum_bias_gradient(bias_sums, grad_y, shards);
    bias = {bias_sums, grad_bias->data(), plan.rows};
  }
  for (Index first = 0; first < plan.rows; first += plan.at_once) {
    const Index rows = std::min(plan.at_once, plan.rows - first);
    make(scratch.data(), first, rows);
    join_sums({scratch.data(), grad_weight.data() + first * plan.columns, rows * plan.columns, plan.pieces},
              bias, count);
    bias = {};
  }
}

}  // namespace cnn::cuda
