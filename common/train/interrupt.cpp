// SPDX-License-Identifier: MIT
#include "common/train/interrupt.hpp"

#include <csignal>
#include <initializer_list>

namespace cnn {
namespace {

volatile std::sig_atomic_t requested = 0;

void remember(int signal) { requested = signal; }

void handle(int signal, void (*handler)(int), int flags) {
  struct sigaction action = {};
  action.sa_handler = handler;
  action.sa_flags = flags;
  sigaction(signal, &action, nullptr);
}

bool is_ignored(int signal) {
  struct sigaction action = {};
  sigaction(signal, nullptr, &action);
  return action.sa_handler == SIG_IGN;
}

}  // namespace

InterruptGuard::InterruptGuard() {
  requested = 0;
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
    if (signal == SIGHUP && is_ignored(signal)) continue;  // started with nohup
    handle(signal, remember, static_cast<int>(SA_RESETHAND) | SA_RESTART);
  }
}

InterruptGuard::~InterruptGuard() {
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
    if (!is_ignored(signal)) handle(signal, SIG_DFL, 0);
  }
}

bool InterruptGuard::should_stop() { return interrupt_requested() != 0; }

int interrupt_requested() noexcept { return static_cast<int>(requested); }

}  // namespace cnn
