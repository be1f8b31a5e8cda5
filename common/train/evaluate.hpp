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

/// Classifies every image of a loader; the network is in evaluation mode meanwhile and in its former mode afterwards.
/// \param model   a network that returns logits [n, 10]
/// \param loader  images and labels; one 64-bit number is drawn if it does not shuffle
/// \param stop    asked before each batch; when it says true the pass ends early
/// \param seen    told the logits and the labels of each batch
/// \return        loss and accuracy over the images seen
Evaluation evaluate(nn::Module& model, data::DataLoader& loader, const std::function<bool()>& stop = {},
                    const std::function<void(const Tensor& logits, const Tensor& labels)>& seen = {});

}  // namespace cnn
