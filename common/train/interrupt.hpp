// SPDX-License-Identifier: MIT
#pragma once

namespace cnn {

/// Turns the first SIGINT (Ctrl-C), SIGTERM or SIGHUP (the terminal was closed) into a request that the trainer honours after the current step; a second one
/// ends the program at once. Lives as long as a training run.
class InterruptGuard {
 public:
  InterruptGuard();
  ~InterruptGuard();
  InterruptGuard(const InterruptGuard&) = delete;
  InterruptGuard& operator=(const InterruptGuard&) = delete;
};

/// \return the signal that asked to stop, or 0
int interrupt_requested() noexcept;

}  // namespace cnn
