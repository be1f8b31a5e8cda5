// SPDX-License-Identifier: MIT
#pragma once

#include "common/nn/module.hpp"

namespace cnn::nn {

/// Finds the ReLUs of a network that directly follow a Conv2d, a Linear, a BatchNorm or a Residual in a Sequential, and lets
/// that layer do their work while it writes its output: one pass over memory less for each, and one more in the backward pass
/// of a BatchNorm. Outputs and gradients are the same, bit for bit; names, layers and parameters stay what they are. Only what
/// such a layer returns, which nobody but its ReLU sees, is another tensor.
/// \param model  the network, before its layers are wrapped; what is no container is left alone
void fuse(Module& model);

}  // namespace cnn::nn
