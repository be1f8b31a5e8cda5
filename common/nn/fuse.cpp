// SPDX-License-Identifier: MIT
#include "common/nn/fuse.hpp"

#include "common/nn/relu.hpp"
#include "common/nn/sequential.hpp"

namespace cnn::nn {

//! [fuse]
void fuse(Module& model) {
  auto* const container = dynamic_cast<Container*>(&model);
  if (container == nullptr) return;
  Container& layers = *container;
  for (std::size_t i = 0; i < layers.size(); ++i) fuse(layers[i]);
  if (dynamic_cast<Sequential*>(container) == nullptr) return;  // neighbours that do not follow each other
  for (std::size_t i = 1; i < layers.size(); ++i) {
    if (auto* const relu = dynamic_cast<ReLU*>(&layers[i])) relu->hand_over(layers[i - 1].take_over_relu());
  }
}
//! [fuse]

}  // namespace cnn::nn
