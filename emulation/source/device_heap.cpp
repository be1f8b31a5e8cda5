// SPDX-License-Identifier: MIT
#include "device_heap.hpp"

#include <sys/mman.h>

#include <algorithm>
#include <cstring>
#include <iterator>
#include <new>
#include <stdexcept>

#include "block.hpp"
#include "sanitizers.hpp"

namespace emulation {
namespace {

constexpr std::size_t alignment = 256;

/// \return bytes of a block with its red zone
std::size_t footprint(std::size_t bytes) {
  return (bytes + alignment - 1) / alignment * alignment + alignment;
}

char* reserve(std::size_t bytes, int protection) {
  constexpr int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;
  void* p = mmap(nullptr, bytes, protection, flags, -1, 0);
  if (p == MAP_FAILED) throw std::bad_alloc();
  return static_cast<char*>(p);
}

}  // namespace

DeviceHeap::DeviceHeap()
    : handles_(reserve(reserved, PROT_NONE)),
      bytes_(reserve(reserved, PROT_READ | PROT_WRITE)),
      top_(alignment) {}

void* DeviceHeap::allocate(std::size_t bytes, int device, bool from_pool) {
  const std::size_t need = footprint(bytes);
  std::size_t at = top_;
  const auto hole = free_.find(need);
  if (hole != free_.end()) {
    at = hole->second;
    free_.erase(hole);
    happens_after(bytes_ + at);
  } else if (need > reserved - top_) {
    return nullptr;
  } else {
    top_ += need;
  }
  live_[at] = {at, bytes, device, from_pool};
  unpoison(bytes_ + at, need);
  std::memset(bytes_ + at, poison_byte, need);
  poison(bytes_ + at + bytes, need - bytes);
  return handles_ + at;
}

const DeviceHeap::Block* DeviceHeap::starting_at(const void* p) const {
  if (!owns(p)) return nullptr;
  const auto found = live_.find(static_cast<std::size_t>(static_cast<const char*>(p) - handles_));
  return found == live_.end() ? nullptr : &found->second;
}

DeviceHeap::Block DeviceHeap::retire(const Block& block) {
  const Block copy = block;
  live_.erase(copy.at);
  return copy;
}

bool DeviceHeap::recycle(const Block& block) {
  const std::size_t need = footprint(block.bytes);
  char* const begin = bytes_ + block.at;
  unpoison(begin, need);
  const bool intact = std::all_of(begin + block.bytes, begin + need,
                                  [](char c) { return c == static_cast<char>(poison_byte); });
  std::memset(begin, poison_byte, need);
  poison(begin, need);
  happens_before(begin);
  free_.emplace(need, block.at);
  return intact;
}

char* DeviceHeap::bytes_of(const void* p, std::size_t bytes, int device) const {
  if (!owns(p)) throw std::invalid_argument("a host pointer where a device pointer belongs");
  const auto at = static_cast<std::size_t>(static_cast<const char*>(p) - handles_);
  const auto after = live_.upper_bound(at);
  if (after == live_.begin()) throw std::out_of_range("a device pointer to no live allocation (freed?)");
  const Block& block = std::prev(after)->second;
  if (at >= block.at + footprint(block.bytes))
    throw std::out_of_range("a device pointer to no live allocation (freed?)");
  if (at + bytes > block.at + block.bytes)
    throw std::out_of_range("a device pointer beyond the end of its allocation");
  if (block.device != device)
    throw std::invalid_argument("memory of device " + std::to_string(block.device) + " on device " +
                                std::to_string(device));
  return bytes_ + at;
}

DeviceHeap& device_heap() {
  static DeviceHeap* const heap = new DeviceHeap;  // never destroyed: tensors may outlive everything else
  return *heap;
}

}  // namespace emulation
