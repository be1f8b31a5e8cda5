// SPDX-License-Identifier: MIT
#pragma once

#include "common/nn/module.hpp"

namespace cnn::nn {

/// Finds the ReLUs of a network that directly follow a Fusible layer (Conv2d, Linear, BatchNorm, Residual) in a Sequential, and
/// lets that layer do their work while it writes its output: one pass over memory less for each, and one more in the backward
/// pass of a BatchNorm. Outputs and gradients are the same, bit for bit; names, layers and parameters stay what they are. Only
/// what such a layer returns, which nobody but its ReLU sees, is another tensor. The Spec of both says what was done.
/// \param model  the network, before its layers are wrapped; what is no container is left alone
/// \param on     false undoes it: each layer does its own work again
/// \return       whether a layer of the network changed
bool fuse(Module& model, bool on = true);

}  // namespace cnn::nn
