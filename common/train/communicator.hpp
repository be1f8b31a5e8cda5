// SPDX-License-Identifier: MIT
#pragma once

#include <span>

#include "common/core/shape.hpp"

namespace cnn {

/// The processes that train one network together. Each draws the same random numbers for the whole batch and takes its slice
/// of it; gradients are summed, weighted by examples; rank 0 writes the files.
class Communicator {
 public:
  virtual ~Communicator() = default;
  /// \return which process this is, 0 ... size() - 1
  virtual Index rank() const = 0;
  /// \return how many processes there are
  virtual Index size() const = 0;
  /// Adds the values of all processes, in the same order everywhere. \param values  replaced by the sums
  virtual void all_reduce_sum(std::span<float> values) = 0;
  /// Replaces the values by those of rank 0. \param values  sent by rank 0, received by the others
  virtual void broadcast(std::span<float> values) = 0;
  /// Returns when every process has called it.
  virtual void barrier() = 0;
};

/// One process by itself.
class SingleProcess final : public Communicator {
 public:
  Index rank() const override { return 0; }
  Index size() const override { return 1; }
  void all_reduce_sum(std::span<float>) override {}
  void broadcast(std::span<float>) override {}
  void barrier() override {}
};

}  // namespace cnn
