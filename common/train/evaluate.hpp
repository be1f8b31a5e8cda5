// SPDX-License-Identifier: MIT
#pragma once

#include <functional>

#include "common/data/data_loader.hpp"
#include "common/nn/module.hpp"

namespace cnn {

/// What a pass over a data set in evaluation mode found.
struct Evaluation {
  double loss = 0;      ///< mean cross-entropy over the images
  double accuracy = 0;  ///< share of images classified correctly, 0 ... 1
};

/// Evaluation mode for the life of a scope; the network returns to its former mode afterwards.
class EvaluationMode {
 public:
  /// \param model  the network; must outlive this object
  explicit EvaluationMode(nn::Module& model) : model_(model), was_training_(model.is_training()) {
    model_.train(false);
  }
  ~EvaluationMode() { model_.train(was_training_); }
  EvaluationMode(const EvaluationMode&) = delete;
  EvaluationMode& operator=(const EvaluationMode&) = delete;

 private:
  nn::Module& model_;
  bool was_training_;
};

/// Classifies every image of a loader, in evaluation mode.
/// \param model   a network that returns logits [n, classes]
/// \param loader  images and labels; one 64-bit number is drawn if it does not shuffle
/// \param stop    asked before each batch; when it says true the pass ends early
/// \param seen    told the logits and the labels of each batch
/// \return        loss and accuracy over the images seen
Evaluation evaluate(nn::Module& model, data::DataLoader& loader, const std::function<bool()>& stop = {},
                    const std::function<void(const Tensor& logits, const Tensor& labels)>& seen = {});

}  // namespace cnn
