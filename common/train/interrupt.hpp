// SPDX-License-Identifier: MIT
#pragma once

#include "common/train/observer.hpp"

namespace cnn {

/// Turns the first SIGINT (Ctrl-C), SIGTERM or SIGHUP (the terminal was closed) into a request to stop, which the trainer
/// honours after the current step; a second one ends the program at once. Lives as long as a training run.
class InterruptGuard : public TrainerObserver {
 public:
  InterruptGuard();
  ~InterruptGuard() override;
  InterruptGuard(const InterruptGuard&) = delete;
  InterruptGuard& operator=(const InterruptGuard&) = delete;

  bool should_stop() override;
};

/// \return the signal that asked to stop, or 0
int interrupt_requested() noexcept;

}  // namespace cnn
