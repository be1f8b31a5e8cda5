// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>

#include "block.hpp"

namespace emulation {

/// Bytes of the host that queued work reads or writes.
struct HostRange {
  const char* begin = nullptr;
  std::size_t bytes = 0;
  bool meets(const HostRange& other) const {
    return begin < other.begin + other.bytes && other.begin < begin + bytes;
  }
};

/// One piece of queued work.
struct Operation {
  std::function<void()> run;  // throws if the device fails
  HostRange reads{}, writes{};
  char queued = 0, finished = 0;  // tokens for the thread sanitizer
};

/// A queue of work, of which nothing is done before somebody waits for it.
class Stream {
 public:
  /// \param on_device    where it computes
  /// \param takes_turns  whether it takes turns with the default stream
  Stream(int on_device, bool takes_turns) : device(on_device), blocking(takes_turns), fiber_(new_fiber()) {}

  /// Appends work. \return its number: 1 for the first
  std::uint64_t queue(Operation operation);
  /// Does the work up to a number; the caller has waited for it.
  void drain(std::uint64_t until);
  /// Does all of it; the caller has waited for it.
  void drain() {
    drain(queued());
    happens_after(&finished_);
  }
  /// Forgets what is left to do.
  void forget();
  /// \return how much was ever queued
  std::uint64_t queued() const { return done_ + pending_.size(); }
  /// \return how much of that is done
  std::uint64_t done() const { return done_; }
  /// \return what is left to do
  const std::deque<std::unique_ptr<Operation>>& pending() const { return pending_; }
  /// \return where its kernels run
  Block& block();

  const int device;
  const bool blocking;

 private:
  void perform(Operation& operation);

  std::deque<std::unique_ptr<Operation>> pending_;
  std::uint64_t done_ = 0;
  std::unique_ptr<Block> block_;
  void* fiber_;  // as which the thread sanitizer sees it
  char finished_ = 0;
};

/// A place in a stream that was recorded in an event.
struct Moment {
  Stream* stream = nullptr;  // null when the place is passed
  std::uint64_t number = 0;
  std::chrono::steady_clock::time_point time{};
  char passed = 0;  // token for the thread sanitizer

  /// Has the stream do its work up to this place; the caller has waited for it.
  void reach();
};

}  // namespace emulation

struct CUstream_st : emulation::Stream {
  using Stream::Stream;
};
struct CUevent_st {
  std::shared_ptr<emulation::Moment> moment{};  // null before the event is recorded
  bool timed = true;                            // whether it was created to tell times
};
