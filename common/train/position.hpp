// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include "common/core/shape.hpp"

namespace cnn {

/// Where a training stands: everything besides tensors that decides how it goes on.
struct Position {
  Index epoch = 1;                ///< the epoch in progress, from 1
  Index step = 0;                 ///< steps done in it
  Index total_steps = 0;          ///< steps done since the start
  double loss_sum = 0;            ///< sum of the epoch's batch losses
  Index correct = 0;              ///< training images classified correctly in the epoch
  Index examples = 0;             ///< training images seen in the epoch
  double seconds = 0;             ///< spent in the epoch
  std::string rng_epoch_start{};  ///< generator before the epoch's order was drawn
  std::string rng{};              ///< generator now
};

}  // namespace cnn
