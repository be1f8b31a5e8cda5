// SPDX-License-Identifier: MIT
#include "common/core/host_heap.hpp"

#if defined(__linux__)
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>
#endif

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "common/core/check.hpp"

namespace cnn {
namespace {

#if defined(__linux__)
/// Whether a range of unused addresses costs nothing.
bool may_reserve() {
#if defined(__SANITIZE_ADDRESS__)
  return false;
#else
  rlimit addresses{};
  return ::getrlimit(RLIMIT_AS, &addresses) == 0 && addresses.rlim_cur == RLIM_INFINITY;
#endif
}
#endif

}  // namespace

HostHeap::HostHeap() {
#if defined(__linux__)
  constexpr Index large_page = Index{2} << 20;
  const Index memory =
      Index{::sysconf(_SC_PHYS_PAGES)} * Index{::sysconf(_SC_PAGESIZE)} / large_page * large_page;
  if (memory <= 0 || !may_reserve()) return;
  const auto size = static_cast<std::size_t>(memory + large_page);
  void* const range =
      ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (range == MAP_FAILED) return;
  ::madvise(range, size, MADV_HUGEPAGE);
  const auto beyond = static_cast<Index>(reinterpret_cast<std::uintptr_t>(range) % large_page);
  range_ = static_cast<std::byte*>(range) + (large_page - beyond) % large_page;
  places_.emplace(memory);
#endif
}

std::byte* HostHeap::take(Index bytes) {
  const std::lock_guard lock(mutex_);
  std::byte* block = nullptr;
  if (!places_) {
    block = static_cast<std::byte*>(std::aligned_alloc(block_alignment, static_cast<std::size_t>(bytes)));
  } else if (const std::optional<Index> position = places_->take(bytes)) {
    block = range_ + *position;
  }
  CNN_CHECK(block != nullptr, Error,
            "[memory] the system has no " + std::to_string(bytes >> 20) +
                " MiB left; use a smaller --batch-size or --image-size");
  stats_.in_use += bytes;
  stats_.peak = std::max(stats_.peak, stats_.in_use);
  return block;
}

void HostHeap::give_back(std::byte* block, Index bytes) noexcept {
  const std::lock_guard lock(mutex_);
  stats_.in_use -= bytes;
  if (places_) {
    places_->give_back(block - range_, bytes);
  } else {
    std::free(block);
  }
}

void HostHeap::release() {
  const std::lock_guard lock(mutex_);
  if (!places_) return;
#if defined(__linux__)
  const Index page = ::sysconf(_SC_PAGESIZE);
  for (const auto& [position, place] : places_->free_places()) {
    const Index first = (position + page - 1) / page * page;
    const Index end = (position + place.bytes) / page * page;
    if (first < end) ::madvise(range_ + first, static_cast<std::size_t>(end - first), MADV_DONTNEED);
  }
#endif
  places_->forget();
}

MemoryStats HostHeap::stats() {
  const std::lock_guard lock(mutex_);
  stats_.cached = places_ ? places_->idle() : 0;
  return stats_;
}

void HostHeap::reset_peak() {
  const std::lock_guard lock(mutex_);
  stats_.peak = stats_.in_use;
}

}  // namespace cnn
