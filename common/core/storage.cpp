// SPDX-License-Identifier: MIT
#include "common/core/storage.hpp"

#if defined(__linux__)
#include <sys/mman.h>
#endif

#include <algorithm>
#include <bit>
#include <cstdlib>
#include <cstring>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "common/core/check.hpp"
#include "common/core/device_memory.hpp"

namespace cnn {
namespace {

constexpr Index alignment = 64;  // a cache line, and the widest SIMD register

/// A block from the system, or null. Large ones ask for large pages: far fewer page faults.
std::byte* from_system(Index bytes) {
  constexpr Index large_page = Index{2} << 20;
  const bool large = bytes >= 8 * large_page;  // from here on size classes are multiples of a large page
  void* const block = std::aligned_alloc(static_cast<std::size_t>(large ? large_page : alignment),
                                         static_cast<std::size_t>(bytes));
#if defined(__linux__)
  if (large && block != nullptr) ::madvise(block, static_cast<std::size_t>(bytes), MADV_HUGEPAGE);
#endif
  return static_cast<std::byte*>(block);
}

/// Free blocks of the host by size class.
class HostCache {
 public:
  std::byte* take(Index bytes) {
    const std::lock_guard lock(mutex_);
    stats_.in_use += bytes;
    std::vector<std::byte*>& blocks = free_[bytes];
    std::byte* block = nullptr;
    if (!blocks.empty()) {
      block = blocks.back();
      blocks.pop_back();
      stats_.cached -= bytes;
    } else {
      make_room();
      block = from_system(bytes);
    }
    if (block == nullptr) {
      stats_.in_use -= bytes;
      throw Error("[memory] the system has no " + std::to_string(bytes >> 20) +
                  " MiB left; use a smaller --batch-size or --image-size");
    }
    stats_.peak = std::max(stats_.peak, stats_.in_use);
    return block;
  }

  void give_back(std::byte* block, Index bytes) noexcept {
    const std::lock_guard lock(mutex_);
    stats_.in_use -= bytes;
    try {
      free_[bytes].push_back(block);
      stats_.cached += bytes;
    } catch (...) {
      std::free(block);
    }
  }

  void release() {
    const std::lock_guard lock(mutex_);
    for (auto& [bytes, blocks] : free_) {
      for (std::byte* block : blocks) std::free(block);
      blocks.clear();
    }
    stats_.cached = 0;
  }

  MemoryStats stats() {
    const std::lock_guard lock(mutex_);
    return stats_;
  }

  void reset_peak() {
    const std::lock_guard lock(mutex_);
    stats_.peak = stats_.in_use;
  }

 private:
  /// Frees blocks, large ones first, until no more memory is held than the tensors once needed, and an eighth: a request that
  /// no cached block fits would else add to blocks of other sizes that lie idle.
  void make_room() {
    const Index limit = cache_limit(std::max(stats_.peak, stats_.in_use));
    for (auto entry = free_.rbegin(); entry != free_.rend(); ++entry) {
      auto& [bytes, blocks] = *entry;
      while (!blocks.empty() && stats_.in_use + stats_.cached > limit) {
        std::free(blocks.back());
        blocks.pop_back();
        stats_.cached -= bytes;
      }
    }
  }

  std::mutex mutex_;
  std::map<Index, std::vector<std::byte*>> free_;
  MemoryStats stats_;
};

/// Never destroyed: tensors with static lifetime may outlive everything else.
HostCache& host_cache() {
  static HostCache* const cache = new HostCache;
  return *cache;
}

}  // namespace

std::shared_ptr<Storage> Storage::allocate(Index bytes, Device device) {
  const Index rounded = storage_bytes(bytes);
  std::byte* const data = device.type == DeviceType::cpu ? host_cache().take(rounded)
                                                         : device_memory::allocate(rounded, device.index);
  return std::shared_ptr<Storage>(new Storage(data, rounded, device));
}

Storage::~Storage() {
  if (device_.type == DeviceType::cpu) {
    host_cache().give_back(data_, bytes_);
  } else {
    device_memory::release(data_, device_.index);
  }
}

void copy_bytes(std::byte* to, Device to_device, const std::byte* from, Device from_device, Index bytes) {
  if (bytes == 0) return;
  if (to_device.type == DeviceType::cpu && from_device.type == DeviceType::cpu) {
    std::memcpy(to, from, static_cast<std::size_t>(bytes));
  } else {
    device_memory::copy(to, from, bytes);
  }
}

/// Rounds up to a multiple of an eighth of the power of two below, so that a block wastes at most 12.5 %.
Index storage_bytes(Index bytes) {
  const auto wanted = static_cast<std::size_t>(std::max(bytes, alignment));
  const std::size_t step = std::max(std::bit_floor(wanted) / 8, static_cast<std::size_t>(alignment));
  return static_cast<Index>((wanted + step - 1) / step * step);
}

Index cache_limit(Index in_use) {
  constexpr Index always_allowed = Index{256} << 20;
  return std::max(always_allowed, in_use + in_use / 8);
}

MemoryStats memory_stats() { return host_cache().stats(); }
void reset_peak_memory() { host_cache().reset_peak(); }
void release_cached_memory() { host_cache().release(); }

}  // namespace cnn
