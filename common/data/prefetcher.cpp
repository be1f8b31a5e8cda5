// SPDX-License-Identifier: MIT
#include "common/data/prefetcher.hpp"

#include <utility>

#include "common/core/threads.hpp"

namespace cnn::data {

Prefetcher::Prefetcher(Index first, Index last, std::function<Batch(Index)> make, std::size_t ahead)
    : make_(std::move(make)), last_(last), ahead_(ahead), to_make_(first), to_take_(first) {
  if constexpr (with_threads) {
    if (first < last) thread_ = std::thread([this] { run(); });
  }
}

Prefetcher::~Prefetcher() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
}

bool Prefetcher::next(Batch& batch) {
  batch = {};
  if (to_take_ == last_) return false;
  if constexpr (!with_threads) run();
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return !ready_.empty() || failure_; });
  if (ready_.empty()) {
    to_take_ = last_;
    std::rethrow_exception(std::exchange(failure_, nullptr));
  }
  batch = std::move(ready_.front());
  ready_.pop_front();
  ++to_take_;
  lock.unlock();
  changed_.notify_all();
  return true;
}

void Prefetcher::run() {
  try {
    while (to_make_ < last_ && wait_for_place()) put(make_(to_make_++));
  } catch (...) {
    const std::lock_guard lock(mutex_);
    failure_ = std::current_exception();
  }
  changed_.notify_all();
}

/// Waits before a batch is made, not after: a finished batch without a place would take memory all the same.
/// \return false if nobody wants more batches
bool Prefetcher::wait_for_place() {
  if constexpr (!with_threads) return ready_.empty();  // one at a time
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return ready_.size() < ahead_ || stop_; });
  return !stop_;
}

void Prefetcher::put(Batch batch) {
  {
    const std::lock_guard lock(mutex_);
    ready_.push_back(std::move(batch));
  }
  changed_.notify_all();
}

}  // namespace cnn::data
