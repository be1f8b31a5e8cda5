// SPDX-License-Identifier: MIT
#include "common/data/prefetcher.hpp"

#include <utility>

namespace cnn::data {

Prefetcher::Prefetcher(Index first, Index last, std::function<Batch(Index)> make, std::size_t ahead)
    : make_(std::move(make)), last_(last), ahead_(ahead), to_make_(first), to_take_(first) {
  if (first < last) thread_ = std::thread([this] { run(); });
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
    while (to_make_ < last_ && put(make_(to_make_))) ++to_make_;
  } catch (...) {
    const std::lock_guard lock(mutex_);
    failure_ = std::current_exception();
  }
  changed_.notify_all();
}

/// Waits for a free place and fills it.
/// \return false if nobody wants more batches
bool Prefetcher::put(Batch batch) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return ready_.size() < ahead_ || stop_; });
  if (stop_) return false;
  ready_.push_back(std::move(batch));
  lock.unlock();
  changed_.notify_all();
  return true;
}

}  // namespace cnn::data
