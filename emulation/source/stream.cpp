// SPDX-License-Identifier: MIT
#include "stream.hpp"

#include <exception>

#include "runtime.hpp"

namespace emulation {

std::uint64_t Stream::queue(Operation operation) {
  pending_.push_back(std::make_unique<Operation>(std::move(operation)));
  happens_before(&pending_.back()->queued);
  return queued();
}

void Stream::perform(Operation& operation) {
  void* const caller = this_fiber();
  switch_to(fiber_);
  happens_after(&operation.queued);
  try {
    operation.run();
  } catch (const Failure& failure) {
    const Unwatched scope;
    runtime().broken[device] = failure;
  } catch (const std::exception& e) {
    const Unwatched scope;
    runtime().broken[device] = {cudaErrorLaunchFailure, e.what()};
  } catch (...) {
    const Unwatched scope;
    runtime().broken[device] = {cudaErrorLaunchFailure, "a kernel threw an exception"};
  }
  happens_before(&operation.finished);
  happens_before(&finished_);
  switch_to(caller);
  happens_after(&operation.finished);
}

void Stream::drain(std::uint64_t until) {
  while (done_ < until && !pending_.empty()) {
    std::unique_ptr<Operation> operation = std::move(pending_.front());
    pending_.pop_front();
    ++done_;
    if (runtime().broken.contains(device)) continue;
    perform(*operation);
    // Threads that a failure left behind still know their kernel.
    if (runtime().broken.contains(device)) runtime().wreckage.push_back(std::move(operation));
  }
}

void Stream::forget() {
  done_ += pending_.size();
  pending_.clear();
}

Block& Stream::block() {
  // Fibers that two streams share would look ordered to the thread sanitizer; else one set of them is enough.
  static Block* const shared = new Block;  // never destroyed: its fibers stay suspended
  if (!races_are_looked_for) return *shared;
  if (!block_) block_ = std::make_unique<Block>();
  return *block_;
}

void Moment::reach() {
  if (stream != nullptr) stream->drain(number);
  happens_after(&passed);
}

}  // namespace emulation
