// SPDX-License-Identifier: MIT
#include "common/io/console.hpp"

#include <fcntl.h>
#include <poll.h>
#include <stdio_ext.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdio>

namespace cnn::io {
namespace {

std::atomic<bool> lost{false};  // something for standard output

/// Notes a failure to write standard output, unless nobody is there to read it.
void note(int error) noexcept {
  if (error != 0 && error != EPIPE && error != EIO) lost = true;
}

/// Hands on what stdio holds for standard output; what it cannot write it must not write again later.
void flush_output() noexcept {
  const bool lost_before = std::ferror(stdout) != 0;  // by someone who printed without us
  if (std::fflush(stdout) == 0 && !lost_before) return;
  note(lost_before ? ENOSPC : errno);
  __fpurge(stdout);
  std::clearerr(stdout);
}

}  // namespace

void open_standard_streams() noexcept {
  for (const int descriptor : {0, 1, 2}) {  // open() returns the lowest number that is free
    if (::fcntl(descriptor, F_GETFD) < 0 && errno == EBADF)
      (void)!::open("/dev/null", descriptor == 0 ? O_RDONLY : O_WRONLY);
  }
}

void ignore_signals_of_writing() noexcept {
  for (const int signal : {SIGPIPE, SIGXFSZ}) {
    struct sigaction action {};
    if (::sigaction(signal, nullptr, &action) == 0 && action.sa_handler == SIG_DFL)
      std::signal(signal, SIG_IGN);
  }
}

int write_to(int descriptor, std::string_view text) noexcept {
  while (!text.empty()) {
    const ssize_t count = ::write(descriptor, text.data(), text.size());
    if (count >= 0) {
      text.remove_prefix(static_cast<std::size_t>(count));
      continue;
    }
    if (errno == EAGAIN) {  // somebody made it non-blocking: wait as a blocking one would
      pollfd wait{descriptor, POLLOUT, 0};
      (void)::poll(&wait, 1, 1000);
    } else if (errno != EINTR) {
      return errno;
    }
  }
  return 0;
}

void print(std::string_view text) noexcept {
  flush_output();
  note(write_to(1, text));
}

void print_error(std::string_view text) noexcept {
  flush_output();
  (void)write_to(2, text);
}

bool finish_output() noexcept {
  flush_output();
  return !lost;
}

}  // namespace cnn::io
