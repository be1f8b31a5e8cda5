// SPDX-License-Identifier: MIT
#pragma once

#include "common/backend/communicator.hpp"
#include "common/nn/module.hpp"

namespace cnn {

/// Makes every process's gradients, sums over its own images, those of the whole batch. One process alone has nothing to do.
/// \param model  network whose gradients are replaced
/// \param part   of the batch
void join_gradients(nn::Module& model, const BatchPart& part);

}  // namespace cnn
