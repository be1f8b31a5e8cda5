// SPDX-License-Identifier: MIT
#pragma once

#include "common/backend/shards.hpp"
#include "common/tensor/tensor.hpp"

namespace cnn {

/// The processes that train one network together, 1, 2, 4 or 8. Each has the same weights and the images of some shards of every
/// batch, see BatchPart. All call the same methods in the same order with tensors of the same shape, dense and on any device.
class Communicator {
 public:
  virtual ~Communicator() = default;
  /// \return which process this is, 0 ... size() - 1
  virtual Index rank() const = 0;
  /// \return how many processes there are
  virtual Index size() const = 0;
  /// Joins the sums of all processes in pairs, as join_in_pairs() does those of shards: as if one process had made all of them.
  /// \param sums  f32 or f64; those of this process's shards, replaced by those of the batch, the same bits in every process
  virtual void join(Tensor& sums) = 0;
  /// \param rows  of any type; the number of rows, the first axis, may differ from process to process
  /// \return      the rows of all processes in the order of their ranks
  virtual Tensor gather(const Tensor& rows) = 0;
  /// \param x  of any type; replaced by that of rank 0
  virtual void broadcast(Tensor& x) = 0;
};

/// One process by itself.
class SingleProcess final : public Communicator {
 public:
  Index rank() const override { return 0; }
  Index size() const override { return 1; }
  void join(Tensor&) override {}
  Tensor gather(const Tensor& rows) override { return rows; }
  void broadcast(Tensor&) override {}
};

/// What this process has of a batch, and how it joins its sums over images with those of the others.
struct BatchPart {
  Shards shards;                      ///< whose images it has
  Communicator* processes = nullptr;  ///< null for none but this one

  /// \param images  of a batch
  /// \return        all of it
  static BatchPart all(Index images) { return {.shards = Shards::all(images)}; }
  /// \param images        of a batch
  /// \param communicator  the processes that share it
  /// \return              the part of this process
  static BatchPart of(Index images, Communicator& communicator) {
    const Index share = shard_count / communicator.size();
    return {{images, communicator.rank() * share, (communicator.rank() + 1) * share}, &communicator};
  }
  /// \param sums  f32 or f64, over the images of this process; replaced by those over the batch
  void join(Tensor& sums) const {
    if (processes != nullptr) processes->join(sums);
  }
};

}  // namespace cnn
