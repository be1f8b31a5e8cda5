// SPDX-License-Identifier: MIT
#pragma once

#include "common/backend/communicator.hpp"
#include "common/nn/module.hpp"

namespace cnn::nn {

/// A layer that needs to know of the whole batch while it trains, since it sums over images or draws a number for each: Conv2d,
/// Linear, BatchNorm, Dropout. By default what forward() is given is the whole batch.
class BatchAware {
 public:
  /// \param part  what forward() is given from now on; null for a whole batch
  void set_part(const BatchPart* part) noexcept { part_ = part; }

 protected:
  /// \param images  that forward() was given
  /// \return        which part of the batch they are
  BatchPart part(Index images) const { return part_ != nullptr ? *part_ : BatchPart::all(images); }

 private:
  const BatchPart* part_ = nullptr;
};

/// Tells the layers of a network which part of a batch they are given, for the life of a scope.
class BatchPartScope {
 public:
  /// \param model  the network
  /// \param part   what its next forward() is given
  BatchPartScope(Module& model, const BatchPart& part);
  ~BatchPartScope();
  BatchPartScope(const BatchPartScope&) = delete;
  BatchPartScope& operator=(const BatchPartScope&) = delete;

 private:
  Module& model_;
  BatchPart part_;
};

}  // namespace cnn::nn
