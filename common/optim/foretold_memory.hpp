// SPDX-License-Identifier: MIT
#pragma once

#include "common/optim/optimizer.hpp"

namespace cnn::optim {

/// What tensors take while a network works, in bytes.
struct ForetoldMemory {
  Index before = 0;  ///< before the first batch: parameters and the optimizer's state
  Index in_use = 0;  ///< the most that is alive at a time, `before` included
  Index held = 0;    ///< the most the process holds: in_use, and free places between the blocks
};

/// What a network does, as far as memory depends on it.
struct ForetellOptions {
  bool training = true;  ///< whether there is a backward pass; else it is evaluated
  const Optimizer* optimizer =
      nullptr;          ///< of the network: its steps are made, and its state counts; null for none
  Index batches = 1;    ///< batches of inputs in memory: the one in use, and those that a loader has ready
  bool scratch = true;  ///< whether the work space of the default device's backend counts
};

/// Has a network work through two batches on `meta`: its own passes and its optimizer's steps allocate and free what they
/// would on a real device, and a heap that has places but no bytes counts. Nothing is computed or drawn, and the network is
/// afterwards what it was before, and so is the optimizer. A layer that cannot work on `meta` since it computes by itself on
/// the host is taken to save as much as its input.
/// \param model    the network
/// \param x        shape of a batch, [n, c, h, w]
/// \param options  what is done, and what else is in memory
/// \return         bytes
/// \throws ShapeError  the batch does not fit
ForetoldMemory foretell_memory(nn::Module& model, const Shape& x, const ForetellOptions& options = {});

}  // namespace cnn::optim
