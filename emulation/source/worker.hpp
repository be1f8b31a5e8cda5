// SPDX-License-Identifier: MIT
#pragma once

#include <sys/mman.h>

#include <boost/context/fiber.hpp>
#include <new>

#include "sanitizers.hpp"

namespace emulation {

/// The stack of a fiber: a guard page below, and a different alignment (`colour`) for each, so that the tops of 256 stacks do
/// not all compete for the same places of the cache.
struct Stack {
  std::size_t colour;
  const void** bottom;

  boost::context::stack_context allocate() const {
    constexpr std::size_t guard = 4096;
    constexpr int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;
    void* mapped = mmap(nullptr, fiber_stack_bytes, PROT_READ | PROT_WRITE, flags, -1, 0);
    if (mapped == MAP_FAILED) throw std::bad_alloc();
    char* base = static_cast<char*>(mapped);
    mprotect(base, guard, PROT_NONE);
    boost::context::stack_context context;
    context.sp = base + fiber_stack_bytes - colour;
    context.size = fiber_stack_bytes - colour;
    *bottom = base;
    return context;
  }
  static void deallocate(boost::context::stack_context& c) {
    munmap(static_cast<char*>(c.sp) - c.size, fiber_stack_bytes);
  }
};

struct Thread;

/// A fiber. It takes threads of a block one after the other; only a thread that waits pins it down, so that a kernel without
/// barriers runs as a plain loop over its threads.
class Worker {
 public:
  /// \param number  how many there are already
  /// \param body    never returns; calls suspend() when it has nothing to do
  template <typename Body>
  Worker(std::size_t number, Body body) {
    const Stack stack{number % 60 * 320, &stack_bottom_};
    context_ =
        boost::context::fiber(std::allocator_arg, stack, [this, body](boost::context::fiber&& scheduler) {
          scheduler_ = std::move(scheduler);
          arrived();
          body(*this);
          return std::move(scheduler_);
        });
    tsan_ = new_fiber();
  }
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  /// Goes on in the fiber until it suspends itself; for the scheduler.
  void resume() {
#if defined(__SANITIZE_ADDRESS__)
    void* fake = nullptr;
    __sanitizer_start_switch_fiber(&fake, stack_bottom_, fiber_stack_bytes);
#endif
    void* const scheduler = this_fiber();
    switch_to(tsan_);
    context_ = std::move(context_).resume();
    switch_to(scheduler);
#if defined(__SANITIZE_ADDRESS__)
    __sanitizer_finish_switch_fiber(fake, nullptr, nullptr);
#endif
  }
  /// Goes back to the scheduler until it resumes the fiber; for the fiber.
  void suspend() {
#if defined(__SANITIZE_ADDRESS__)
    __sanitizer_start_switch_fiber(&fake_stack_, host_bottom_, host_size_);
#endif
    scheduler_ = std::move(scheduler_).resume();
    arrived();
  }

 private:
  void arrived() {
#if defined(__SANITIZE_ADDRESS__)
    __sanitizer_finish_switch_fiber(fake_stack_, &host_bottom_, &host_size_);
#endif
  }

  boost::context::fiber context_, scheduler_;
  const void* stack_bottom_ = nullptr;
  const void* host_bottom_ = nullptr;
  std::size_t host_size_ = 0;
  void* fake_stack_ = nullptr;
  void* tsan_ = nullptr;
};

}  // namespace emulation
