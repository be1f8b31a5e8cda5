// SPDX-License-Identifier: MIT
#pragma once

#include "common/nn/module.hpp"

namespace cnn::nn {

/// What tensors take while a network trains, in bytes.
struct StepMemory {
  Index before = 0;  ///< before the first step: parameters and the optimizer's state
  Index in_use = 0;  ///< the most that is alive at a time during a step, `before` included
  Index held = 0;    ///< the most the process holds: in_use, and free places between the blocks
};

/// How a network is trained, as far as memory depends on it.
struct StepMemoryOptions {
  Index states = 2;     ///< tensors of a parameter's shape that the optimizer keeps; Adam has two moments
  Index batches = 1;    ///< batches of inputs in memory: the one in use, and those that a loader has ready
  bool scratch = true;  ///< whether the work space of the rung in use counts
};

/// Follows two training steps allocation by allocation, without computing anything: what each layer makes, keeps for its
/// backward pass and lets go of there, gradients, and the work space of the rung in use. No layer is asked for the gradient of
/// the network's input.
/// \param model    the network
/// \param x        shape of a batch, [n, c, h, w]
/// \param options  what else is in memory
/// \return         bytes
/// \throws ShapeError  the batch does not fit
StepMemory step_memory(const Module& model, const Shape& x, const StepMemoryOptions& options = {});

}  // namespace cnn::nn
