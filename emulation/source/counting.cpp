// SPDX-License-Identifier: MIT
#include "counting.hpp"

#include <emulation/counts.hpp>

#include <algorithm>
#include <map>
#include <unordered_map>

#include "block.hpp"
#include "device_heap.hpp"
#include "grid.hpp"
#include "kernel_names.hpp"
#include "observer.hpp"
#include "requests.hpp"

namespace emulation {
namespace {

/// All that is counted. Kernels run one after the other, so nothing is locked.
class Counting {
 public:
  void begin(const void* kernel, std::size_t shared_bytes) {
    const auto [found, is_new] = kernels_.try_emplace(kernel);
    if (is_new) found->second.name = name_of_kernel(kernel);
    if (blockIdx.x == 0 && blockIdx.y == 0 && blockIdx.z == 0) ++found->second.launches;
    now_ = &found->second;
    now_->threads = blockDim.x * blockDim.y * blockDim.z;
    now_->shared_bytes = shared_bytes;
    forget_block();
  }
  void end() {
    for (auto& accesses : warps_) count(accesses);
    forget_block();
    now_ = nullptr;
  }
  void note(const void* p, std::size_t bytes, bool writes, const void* instruction) {
    if (now_ == nullptr) return;
    const bool is_shared = is_shared_memory(p);
    if (!is_shared && !device_heap().holds(p)) return;  // a register, or an argument
    const unsigned rank = thread_rank();
    const auto code = reinterpret_cast<std::uintptr_t>(instruction);
    const std::uint32_t occurrence = times_[rank][code]++;
    warps_[rank / warp_lanes].push_back({code, occurrence, reinterpret_cast<std::uintptr_t>(p),
                                         static_cast<std::uint8_t>(bytes),
                                         static_cast<std::uint8_t>(rank % warp_lanes), writes, is_shared});
  }
  void reset() {
    kernels_.clear();
    traffic_.clear();
  }
  std::vector<KernelCounts> all() const {
    std::vector<KernelCounts> counts;
    for (const auto& [kernel, of_kernel] : kernels_) counts.push_back(of_kernel);
    return counts;
  }
  Traffic traffic(std::uintptr_t address, std::size_t bytes) const {
    Traffic sum;
    const auto last = traffic_.upper_bound((address + bytes - 1) / sector_bytes);
    for (auto sector = traffic_.lower_bound(address / sector_bytes); sector != last; ++sector) {
      sum.loaded += sector->second.loaded;
      sum.stored += sector->second.stored;
    }
    return sum;
  }

 private:
  static constexpr unsigned most_threads = 1024;

  void forget_block() {
    for (auto& accesses : warps_) accesses.clear();
    for (auto& times : times_) times.clear();
  }
  /// Counts the accesses of a warp.
  void count(std::vector<Access>& accesses) {
    std::stable_sort(accesses.begin(), accesses.end());
    for (const Access *a = accesses.data(), *const end = a + accesses.size(); a != end;) {
      const Access* const next = std::find_if(a, end, [a](const Access& b) { return !b.is_of_request(*a); });
      count(Request{a, next});
      a = next;
    }
  }
  void count(const Request& request) {
    const Access& one = *request.first;
    if (one.is_shared) {
      SharedCounts& c = one.writes ? now_->shared_stores : now_->shared_loads;
      ++c.requests;
      c.words += words_of(request);
      c.wavefronts += wavefronts_of(request);
      c.ideal += ideal_wavefronts_of(request);
      return;
    }
    GlobalCounts& c = one.writes ? now_->stores : now_->loads;
    const std::vector<std::uintptr_t> sectors = sectors_of(request);
    ++c.requests;
    c.lines += lines_of(request);
    c.sectors += static_cast<long>(sectors.size());
    c.ideal += ideal_sectors_of(request);
    for (const std::uintptr_t sector : sectors)
      ++(one.writes ? traffic_[sector].stored : traffic_[sector].loaded);
  }

  std::map<const void*, KernelCounts> kernels_;
  KernelCounts* now_ = nullptr;                // of the kernel that runs
  std::map<std::uintptr_t, Traffic> traffic_;  // by sector
  // Of the block that runs: accesses by warp, and how often each thread came to each instruction.
  std::vector<Access> warps_[most_threads / warp_lanes];
  std::unordered_map<std::uintptr_t, std::uint32_t> times_[most_threads];
};

/// Begins to observe when it is asked for the first time, which the hooks do before any kernel runs.
Counting& counting() {
  static Counting* const all = [] {
    auto* const made = new Counting;
    observer = {[](const void* kernel, std::size_t shared_bytes) { counting().begin(kernel, shared_bytes); },
                [] { counting().end(); }};
    return made;
  }();
  return *all;
}

void add(GlobalCounts& sum, const GlobalCounts& c) {
  sum.requests += c.requests;
  sum.lines += c.lines;
  sum.sectors += c.sectors;
  sum.ideal += c.ideal;
}

void add(SharedCounts& sum, const SharedCounts& c) {
  sum.requests += c.requests;
  sum.words += c.words;
  sum.wavefronts += c.wavefronts;
  sum.ideal += c.ideal;
}

}  // namespace

void count_access(const void* p, std::size_t bytes, bool writes, const void* instruction) {
  counting().note(p, bytes, writes, instruction);
}

void count_async_copy(const AsyncCopy& copy, const void* place) {
  const auto* const write = static_cast<const char*>(place) - 1;  // of the same call
  if (copy.zeros < copy.bytes) count_access(copy.from, copy.bytes - copy.zeros, false, place);
  count_access(copy.to, copy.bytes, true, write);
}

void reset_counts() { counting().reset(); }

std::vector<KernelCounts> counts() { return counting().all(); }

KernelCounts counts_of(const std::string& name) {
  KernelCounts sum;
  sum.name = name;
  for (const KernelCounts& c : counts()) {
    if (c.name.find(name) == std::string::npos) continue;
    sum.launches += c.launches;
    sum.threads = c.threads;
    sum.shared_bytes = c.shared_bytes;
    add(sum.loads, c.loads);
    add(sum.stores, c.stores);
    add(sum.shared_loads, c.shared_loads);
    add(sum.shared_stores, c.shared_stores);
  }
  return sum;
}

Traffic traffic(const void* data, std::size_t bytes) {
  return counting().traffic(reinterpret_cast<std::uintptr_t>(device_heap().bytes_at(data)), bytes);
}

}  // namespace emulation
