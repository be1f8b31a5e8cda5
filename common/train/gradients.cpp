// SPDX-License-Identifier: MIT
#include "common/train/gradients.hpp"

namespace cnn {

void join_gradients(nn::Module& model, const BatchPart& part) {
  for (nn::Parameter* const parameter : model.parameters())
    if (parameter->grad.defined()) part.join(parameter->grad);
}

}  // namespace cnn
