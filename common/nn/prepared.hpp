// SPDX-License-Identifier: MIT
#pragma once

#include <utility>
#include <vector>

#include "common/nn/weighted.hpp"

namespace cnn::nn {

class BatchNorm;

/// A network that is prepared once and then evaluated many times, as an inference engine does it, for as long as this object
/// lives. A batch normalization right behind a convolution or a linear layer becomes part of it, see fold_batch_norm(); one right
/// before a convolution, with a ReLU between them or not, is done while the convolution reads its input. What the rung makes of a
/// weight before it multiplies, such as packed panels or Winograd's transform, is kept for the next call.
///
/// Results are those of the network but for rounding, and an image's do not depend on what else is in its batch. They may depend
/// on how many images a call is foreseen to have: one alone is worth other algorithms.
///
/// The weights are those of the moment of preparation: while this object lives, nobody trains or loads the network.
class Prepared {
 public:
  /// Switches the network to evaluation, and lets layers do the work of the ReLUs behind them, see fuse(), which stays so.
  /// \param model   the network; must outlive this object
  /// \param images  of a call, as foreseen
  explicit Prepared(Module& model, Index images = 1);
  /// Puts back what was changed, its mode too.
  ~Prepared();
  Prepared(const Prepared&) = delete;
  Prepared& operator=(const Prepared&) = delete;

  /// \param x  input, [n, ...] with any n
  /// \return   output of the network in evaluation
  /// \throws ShapeError  the input does not fit
  Tensor forward(Tensor x) { return model_.forward(std::move(x)); }

 private:
  struct Change {
    Weighted* layer;
    BatchNorm *before, *behind;  // that it does the work of; null for none
  };

  void prepare(Module& module);
  void prepare_layer(Weighted& layer, BatchNorm* before, BatchNorm* behind);

  Module& model_;
  Index images_;
  bool was_training_;
  std::vector<Change> changes_;
};

}  // namespace cnn::nn
