// SPDX-License-Identifier: MIT
#include "common/train/gradients.hpp"

namespace cnn {

void combine_gradients(nn::Module& model, Communicator& communicator, float share) {
  if (communicator.size() == 1) return;
  for (nn::Parameter* parameter : model.parameters()) {
    if (!parameter->grad.defined()) continue;
    Tensor host = parameter->grad.to({});
    for (float& value : host.values()) value *= share;
    communicator.all_reduce_sum(host.values());
    parameter->grad.copy_from(host);
  }
}

}  // namespace cnn
