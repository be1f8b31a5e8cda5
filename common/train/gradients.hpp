// SPDX-License-Identifier: MIT
#pragma once

#include "common/nn/module.hpp"
#include "common/train/communicator.hpp"

namespace cnn {

/// Makes every process's gradients those of the whole batch: each process scales its own by its share of the examples, and
/// the sums are taken. One process alone has nothing to do.
/// \param model         network whose gradients are replaced
/// \param communicator  the processes that train together
/// \param share         examples of this process / examples of all, 0 ... 1
void combine_gradients(nn::Module& model, Communicator& communicator, float share);

}  // namespace cnn
