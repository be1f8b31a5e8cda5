// SPDX-License-Identifier: MIT
#include "common/core/threads.hpp"

#if defined(__linux__)
#include <sched.h>
#endif

#include <algorithm>
#include <atomic>
#include <condition_variable>
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

/// Threads that wait for jobs, one job at a time.
class Pool {
 public:
  explicit Pool(int helpers) {
    for (int k = 0; k < helpers; ++k) threads_.emplace_back([this] { serve(); });
  }

  ~Pool() {
    {
      const std::lock_guard lock(mutex_);
      stop_ = true;
    }
    wake_.notify_all();
    for (std::thread& thread : threads_) thread.join();
  }

  void run(Job& job) {
    {
      const std::lock_guard lock(mutex_);
      job_ = &job;
      ++generation_;
      busy_ = threads_.size();
    }
    wake_.notify_all();
    job.run();
    std::unique_lock lock(mutex_);
    done_.wait(lock, [this] { return busy_ == 0; });
    job_ = nullptr;
  }

 private:
  void serve() {
    std::size_t seen = 0;
    std::unique_lock lock(mutex_);
    while (true) {
      wake_.wait(lock, [&] { return stop_ || generation_ != seen; });
      if (stop_) return;
      seen = generation_;
      Job* const job = job_;
      lock.unlock();
      job->run();
      lock.lock();
      if (--busy_ == 0) done_.notify_one();
    }
  }

  std::mutex mutex_;
  std::condition_variable wake_;
  std::condition_variable done_;
  Job* job_ = nullptr;
  std::size_t generation_ = 0;
  std::size_t busy_ = 0;
  bool stop_ = false;
  std::vector<std::thread> threads_;
};

int usable_processors() {
#if defined(__linux__)
  cpu_set_t set;  // what this process may use, which in a container is less than what the machine has
  if (sched_getaffinity(0, sizeof set, &set) == 0) return std::max(1, CPU_COUNT(&set));
#endif
  return std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
}

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
  CNN_CHECK(count >= 1 && count <= 1024, UsageError,
            "[threads] " + std::to_string(count) + " threads asked for; give 1 to 1024");
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
  if (own.count > 1 && !own.pool) own.pool = std::make_unique<Pool>(own.count - 1);
  if (own.pool) {
    own.pool->run(job);
  } else {
    job.run();
  }
  job.rethrow();
}

}  // namespace cnn
