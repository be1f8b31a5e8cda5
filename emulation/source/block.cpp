// SPDX-License-Identifier: MIT
#include "block.hpp"

#include <algorithm>
#include <bit>
#include <numeric>
#include <stdexcept>

namespace emulation {
namespace {

Block* active_block = nullptr;

struct Divergence : std::runtime_error {
  using std::runtime_error::runtime_error;
};

std::string where(const Thread& t) {
  const auto triple = [](uint3 v) {
    return "(" + std::to_string(v.x) + "," + std::to_string(v.y) + "," + std::to_string(v.z) + ")";
  };
  const std::string thread = "thread " + triple(t.index) + " of block " + triple(blockIdx);
  if (t.state == Thread::returned) return thread + " has returned";
  return thread + " waits at " + t.place.file + ":" + std::to_string(t.place.line) + ":" +
         std::to_string(t.place.column);
}

[[noreturn]] void diverged(const Thread& a, const Thread& b) {
  throw Divergence("divergent barrier: " + where(a) + ", but " + where(b));
}

}  // namespace

Block& Block::active() { return *active_block; }

void Block::start(unsigned count, std::mt19937* random) {
  random_ = random;
  threads_.assign(count, {});
  live_ = count;
  ++number_;
  if (races_are_looked_for) {  // a fiber for each thread, and not the one that the same thread of the block before had
    while (workers_.size() < 2 * count) create_worker();
    idle_.clear();
    const std::size_t last = (number_ % 2 != 0 ? workers_.size() : count) - 1;
    for (std::size_t i = 0; i < count; ++i) idle_.push_back(workers_[last - (i + number_) % count].get());
  }
  warp_order_.resize((count + warp_lanes - 1) / warp_lanes);
  std::iota(warp_order_.begin(), warp_order_.end(), 0u);
  if (random_) std::shuffle(warp_order_.begin(), warp_order_.end(), *random_);
  for (unsigned warp = 0; warp < warp_order_.size(); ++warp) ready_[warp] = lanes_of(warp);
}

void Block::run(const std::function<void()>& kernel, unsigned count, std::mt19937* random,
                LaunchTokens& tokens) {
  active_block = this;
  kernel_ = &kernel;
  tokens_ = &tokens;
  start(count, random);
  while (live_ > 0) {
    if (Thread* t = next()) {
      resume(t->worker ? *t->worker : idle_worker(), t);
    } else {
      release_barrier();
    }
  }
}

std::uint64_t Block::wait(Sync kind, unsigned mask, std::uint64_t value, int source, bool votes,
                          Place place) {
  const Unwatched scope;
  Thread& t = *current_;
  t.state = Thread::waiting;
  t.kind = kind;
  t.mask = mask;
  t.value = value;
  t.source = source;
  t.votes = votes;
  t.place = place;
  const std::size_t group = kind == Sync::block ? warp_lanes : rank() / warp_lanes;
  char* const meeting = &meetings_[number_ % 256][group][open_[group] % 4];
  happens_before(meeting);
  if (kind == Sync::warp) release_lanes(rank() / warp_lanes, mask);
  t.worker->suspend();
  happens_after(meeting);
  return t.value;
}

void Block::meet(const void* value, JointWork joint_work, Place place) {
  if (lanes_of(rank() / warp_lanes) != ~0u)
    throw Divergence("tensor cores want a whole warp, and the last one of this block has fewer lanes");
  Thread& t = *current_;
  t.joint_work = joint_work;
  wait(Sync::warp, ~0u, reinterpret_cast<std::uintptr_t>(value), -1, false, place);
  t.joint_work = nullptr;
}

void Block::abandon() {
  for (auto& worker : workers_) abandoned_.push_back(std::move(worker));
  workers_.clear();
  idle_.clear();
}

unsigned Block::lanes_of(unsigned warp) const {
  const std::size_t lanes =
      std::min<std::size_t>(warp_lanes, threads_.size() - std::size_t{warp_lanes} * warp);
  return static_cast<unsigned>((std::uint64_t{1} << lanes) - 1);
}

Thread* Block::next() {
  for (unsigned warp : warp_order_) {
    unsigned& ready = ready_[warp];
    if (ready == 0) continue;
    const unsigned turn = random_ ? static_cast<unsigned>((*random_)() % warp_lanes) : 0;
    const auto from_turn = static_cast<unsigned>(std::countr_zero(std::rotr(ready, static_cast<int>(turn))));
    const unsigned lane = (from_turn + turn) % warp_lanes;
    ready &= ~(1u << lane);
    return &threads_[std::size_t{warp_lanes} * warp + lane];
  }
  return nullptr;
}

/// Nobody can go on: everybody waits at the same __syncthreads(), or the kernel is wrong.
void Block::release_barrier() {
  const auto waits = [](const Thread& t) { return t.state == Thread::waiting; };
  const Thread& first = *std::find_if(threads_.begin(), threads_.end(), waits);
  for (const Thread& t : threads_) {
    if (!waits(t) || t.kind != first.kind || !(t.place == first.place)) diverged(first, t);
  }
  if (first.kind == Sync::warp) throw Divergence(where(first) + ": its warp does not agree on the mask");
  ++open_[warp_lanes];
  for (Thread& t : threads_) t.state = Thread::ready;
  for (unsigned warp = 0; warp < warp_order_.size(); ++warp) ready_[warp] = lanes_of(warp);
}

/// Lanes of one warp that all wait in a collective with the same mask exchange their values and go on.
void Block::release_lanes(unsigned warp, unsigned mask) {
  Thread* const lanes = &threads_[std::size_t{warp_lanes} * warp];
  const Thread& caller = *current_;
  if ((mask >> (&caller - lanes) & 1) == 0)
    throw Divergence(where(caller) + ", but its own lane is not in the mask");
  const unsigned members = mask & lanes_of(warp);
  std::uint64_t values[warp_lanes];
  std::uint64_t votes = 0;
  for (unsigned i = 0; i < warp_lanes; ++i) {
    values[i] = ~std::uint64_t{0};  // of a lane that is not there
    if ((members >> i & 1) == 0) continue;
    const Thread& t = lanes[i];
    if (t.state != Thread::waiting || t.kind != Sync::warp || t.mask != mask) return;  // not yet
    if (!(t.place == caller.place)) diverged(caller, t);
    values[i] = t.value;
    votes |= (t.value & 1) << i;
  }
  if (caller.joint_work != nullptr) caller.joint_work(values);
  for (unsigned i = 0; i < warp_lanes; ++i) {
    if ((members >> i & 1) == 0) continue;
    Thread& t = lanes[i];
    if (t.votes) t.value = votes;
    if (!t.votes && t.source >= 0) t.value = values[t.source & 31];
    t.state = Thread::ready;
  }
  ready_[warp] |= members;
  ++open_[warp];
}

Worker& Block::idle_worker() {
  if (idle_.empty()) return create_worker();
  Worker* const worker = idle_.back();
  idle_.pop_back();
  return *worker;
}

Worker& Block::create_worker() {
  workers_.push_back(std::make_unique<Worker>(workers_.size(), [this](Worker& self) { work(self); }));
  return *workers_.back();
}

void Block::work(Worker& self) {
  for (;;) {
    for (Thread* t = current_; t != nullptr; t = adopt(self)) {
      happens_after(&tokens_->begun);
      try {
        (*kernel_)();
      } catch (...) {
        error_ = std::current_exception();
      }
      happens_before(&tokens_->finished);
      t->state = Thread::returned;
      --live_;
    }
    self.suspend();
  }
}

/// \return the next thread, if the fiber that just finished one can run it in place: the loop of a kernel without barriers
Thread* Block::adopt(Worker& worker) {
  if (error_ || races_are_looked_for) return nullptr;
  Thread* const t = next();
  if (t == nullptr) return nullptr;
  if (t->worker != nullptr) {  // it is suspended on another fiber: put it back
    const auto rank = static_cast<unsigned>(t - threads_.data());
    ready_[rank / warp_lanes] |= 1u << rank % warp_lanes;
    return nullptr;
  }
  return enter(worker, t);
}

Thread* Block::enter(Worker& worker, Thread* t) {
  const auto rank = static_cast<unsigned>(t - threads_.data());
  t->worker = &worker;
  t->state = Thread::running;
  t->index = {rank % blockDim.x, rank / blockDim.x % blockDim.y, rank / blockDim.x / blockDim.y};
  threadIdx = t->index;
  return current_ = t;
}

void Block::resume(Worker& worker, Thread* t) {
  enter(worker, t);
  worker.resume();
  if (current_->state == Thread::returned && !races_are_looked_for) idle_.push_back(&worker);
  if (error_) std::rethrow_exception(std::exchange(error_, nullptr));
}

// The functions that kernels call.

std::uint64_t wait(Sync kind, unsigned mask, std::uint64_t value, int source, Place place) {
  return Block::active().wait(kind, mask, value, source, false, place);
}
unsigned vote(unsigned mask, bool bit, Place place) {
  return static_cast<unsigned>(Block::active().wait(Sync::warp, mask, bit, -1, true, place));
}
unsigned thread_rank() { return Block::active().rank(); }

void async_copy(const AsyncCopy& copy) {
  const Unwatched scope;
  Thread& t = Block::active().current();
  if (copy.bytes != 4 && copy.bytes != 8 && copy.bytes != 16)
    throw std::invalid_argument("an asynchronous copy has 4, 8 or 16 bytes");
  const auto misaligned = [&](const void* p) {
    return reinterpret_cast<std::uintptr_t>(p) % copy.bytes != 0;
  };
  if (misaligned(copy.to) || misaligned(copy.from))
    throw std::invalid_argument("an asynchronous copy between addresses that are no multiples of its size");
  t.copies.push_back(copy);
}
void async_commit() {
  const Unwatched scope;
  Thread& t = Block::active().current();
  t.batches.push_back(t.copies.size());
}
bool async_landing(AsyncCopy& copy, unsigned prior) {
  const Unwatched scope;
  Thread& t = Block::active().current();
  if (t.batches.size() <= prior || t.landed == t.batches[t.batches.size() - 1 - prior]) return false;
  copy = t.copies[t.landed++];
  return true;
}

}  // namespace emulation
