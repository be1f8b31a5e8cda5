// SPDX-License-Identifier: MIT
#include "common/core/threads.hpp"

#if defined(__linux__)
#include <sched.h>
#endif

#include <algorithm>
#include <atomic>
#include <exception>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "common/core/check.hpp"

namespace cnn {
namespace {

thread_local bool inside_piece = false;

/// One call of parallel_for(): threads take the next piece until none is left.
class Job {
 public:
  Job(Index count, Index grain, const std::function<void(Index, Index)>& work)
      : count_(count), grain_(grain), work_(work) {}

  void run() {
    inside_piece = true;
    for (Index piece = next_++; piece * grain_ < count_; piece = next_++) {
      try {
        work_(piece * grain_, std::min(count_, (piece + 1) * grain_));
      } catch (...) {
        const std::lock_guard lock(mutex_);
        if (!error_) error_ = std::current_exception();
        next_ = count_;  // no further pieces
      }
    }
    inside_piece = false;
  }

  void rethrow() const {
    if (error_) std::rethrow_exception(error_);
  }

 private:
  const Index count_;
  const Index grain_;
  const std::function<void(Index, Index)>& work_;
  std::atomic<Index> next_{0};
  std::mutex mutex_;
  std::exception_ptr error_;
};

int usable_processors() {
  if (!with_threads) return 1;
#if defined(__linux__)
  cpu_set_t set;  // what this process may use, which in a container is less than what the machine has
  if (sched_getaffinity(0, sizeof set, &set) == 0) return std::max(1, CPU_COUNT(&set));
#endif
  return std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
}

/// Tells the processor that this thread only waits.
void relax() {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ __volatile__("yield");
#endif
}

/// Waits until `value` is no longer `old`. The system takes tens of microseconds to wake a thread, as long as a small layer
/// computes: so the thread looks `turns` times for itself before it goes to sleep.
//! [await]
unsigned await_change(const std::atomic<unsigned>& value, unsigned old, int turns) {
  for (int k = 0; k < turns; ++k) {
    const unsigned now = value.load(std::memory_order_acquire);
    if (now != old) return now;
    relax();
  }
  value.wait(old, std::memory_order_acquire);
  return value.load(std::memory_order_acquire);
}
//! [await]

/// Threads that wait for jobs, one job at a time.
class Pool {
 public:
  explicit Pool(int helpers) : turns_(helpers < usable_processors() ? 2000 : 0) {  // about 0.1 ms
    for (int k = 0; k < helpers; ++k) threads_.emplace_back([this] { serve(); });
  }

  ~Pool() {
    job_ = nullptr;
    call();
    for (std::thread& thread : threads_) thread.join();
  }

  void run(Job& job) {
    job_ = &job;
    busy_.store(static_cast<unsigned>(threads_.size()), std::memory_order_relaxed);
    call();
    job.run();
    for (unsigned busy = busy_.load(std::memory_order_acquire); busy != 0;)
      busy = await_change(busy_, busy, turns_);
  }

 private:
  /// What was written before is seen by the threads that answer.
  void call() {
    calls_.fetch_add(1, std::memory_order_release);
    calls_.notify_all();
  }

  void serve() {
    for (unsigned seen = 0;;) {
      seen = await_change(calls_, seen, turns_);
      if (job_ == nullptr) return;
      job_->run();
      if (busy_.fetch_sub(1, std::memory_order_acq_rel) == 1) busy_.notify_one();
    }
  }

  const int turns_;
  Job* job_ = nullptr;  // null: stop
  std::atomic<unsigned> calls_{0};
  std::atomic<unsigned> busy_{0};
  std::vector<std::thread> threads_;
};

/// The pool and its size; callers from several threads take turns.
struct PoolOwner {
  std::mutex mutex;
  int count = usable_processors();
  std::unique_ptr<Pool> pool;
};

PoolOwner& owner() {
  static PoolOwner instance;
  return instance;
}

}  // namespace

void set_thread_count(int count) {
  CNN_CHECK(
      count >= 1 && count <= most_threads, UsageError,
      "[threads] " + std::to_string(count) + " threads asked for; give 1 to " + std::to_string(most_threads));
  PoolOwner& own = owner();
  const std::lock_guard lock(own.mutex);
  if (count == own.count) return;
  own.count = count;
  own.pool.reset();
}

int thread_count() {
  PoolOwner& own = owner();
  const std::lock_guard lock(own.mutex);
  return own.count;
}

void parallel_for(Index count, Index grain, const std::function<void(Index, Index)>& work) {
  grain = std::max<Index>(grain, 1);
  Job job(count, grain, work);
  if (inside_piece || count <= grain) {
    for (Index first = 0; first < count; first += grain) work(first, std::min(count, first + grain));
    return;
  }
  PoolOwner& own = owner();
  const std::lock_guard lock(own.mutex);
  if constexpr (with_threads) {
    if (own.count > 1 && !own.pool) own.pool = std::make_unique<Pool>(own.count - 1);
  }
  if (own.pool) {
    own.pool->run(job);
  } else {
    job.run();
  }
  job.rethrow();
}

}  // namespace cnn
