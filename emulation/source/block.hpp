// SPDX-License-Identifier: MIT
#pragma once

#include <cuda_pipeline.h>
#include <cuda_runtime.h>

#include <exception>
#include <functional>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "worker.hpp"

namespace emulation {

constexpr unsigned char poison_byte = 0xFF;  // four of them are a NaN
constexpr unsigned warp_lanes = 32;

/// What the lanes of a warp do as one, given the values of all.
using JointWork = void (*)(const std::uint64_t (&values)[warp_lanes]);

/// One CUDA thread.
struct Thread {
  uint3 index{};
  Worker* worker = nullptr;  // none before the thread starts
  enum State { ready, running, waiting, returned } state = ready;
  Sync kind{};
  unsigned mask = 0;
  std::uint64_t value = 0;  // given to the warp, then received from it
  bool votes = false;       // receives a bit of every lane
  int source = 0;
  JointWork joint_work = nullptr;  // see Block::meet()
  Place place{};
  std::vector<AsyncCopy> copies;     // oldest first
  std::vector<std::size_t> batches;  // how many copies there are at the end of each
  std::size_t landed = 0;            // of the copies
};

/// What the thread sanitizer hangs the order of a launch on.
struct LaunchTokens {
  char begun = 0, finished = 0;
};

/// One block at a time, of one stream. The scheduler always runs a ready lane of the first ready warp in a seeded order, so
/// that one warp runs ahead of the others as far as the barriers let it: the adversary of a missing barrier.
class Block {
 public:
  /// Runs every thread of a block.
  /// \param kernel  what a thread does
  /// \param count   threads
  /// \param random  shuffles warps and lanes unless null
  /// \param tokens  of the launch
  /// \throws std::exception  the kernel is wrong
  void run(const std::function<void()>& kernel, unsigned count, std::mt19937* random, LaunchTokens& tokens);
  /// Suspends the current thread, see emulation::wait().
  std::uint64_t wait(Sync kind, unsigned mask, std::uint64_t value, int source, bool votes, Place place);
  /// Suspends the current thread until all 32 lanes of its warp have come; the last one does the work of all.
  /// \param value       what the thread gives to its warp
  /// \param joint_work  what is done once, with the addresses of all values
  /// \param place       the call
  /// \throws std::exception  the warp has fewer lanes, or the work throws
  void meet(const void* value, JointWork joint_work, Place place);
  /// \return the thread that runs
  Thread& current() { return *current_; }
  /// \return its number
  unsigned rank() const { return static_cast<unsigned>(current_ - threads_.data()); }
  /// After a failure: leaves the fibers behind that are suspended inside of the kernel, like the state of a real context.
  void abandon();
  /// \return the block whose thread runs
  static Block& active();

 private:
  unsigned lanes_of(unsigned warp) const;
  void start(unsigned count, std::mt19937* random);
  Thread* next();
  void release_barrier();
  void release_lanes(unsigned warp, unsigned mask);
  Worker& idle_worker();
  Worker& create_worker();
  void work(Worker& self);
  Thread* adopt(Worker& worker);
  Thread* enter(Worker& worker, Thread* t);
  void resume(Worker& worker, Thread* t);

  const std::function<void()>* kernel_ = nullptr;
  LaunchTokens* tokens_ = nullptr;
  std::mt19937* random_ = nullptr;
  std::vector<std::unique_ptr<Worker>> workers_, abandoned_;
  std::vector<Worker*> idle_;
  std::vector<Thread> threads_;
  std::vector<unsigned> warp_order_;
  unsigned ready_[warp_lanes] = {};  // by warp, a bit for each lane
  std::size_t live_ = 0;
  Thread* current_ = nullptr;
  std::exception_ptr error_;
  // What the thread sanitizer sees of a barrier: whoever wakes from a meeting happens after all who came to it, but not after
  // those who have come to the next one, nor after other blocks. The last place is the whole block's, the others are the warps'.
  char meetings_[256][warp_lanes + 1][4] = {};
  unsigned open_[warp_lanes + 1] = {};
  std::size_t number_ = 0;  // of blocks so far
};

}  // namespace emulation
