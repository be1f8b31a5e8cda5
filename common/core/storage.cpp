// SPDX-License-Identifier: MIT
#include "common/core/storage.hpp"

#include <algorithm>
#include <cstring>
#include <limits>

#include "common/core/device_memory.hpp"
#include "common/core/host_heap.hpp"

namespace cnn {
namespace {

constexpr Index alignment = 64;  // a cache line, and the widest SIMD register

/// Never destroyed: tensors with static lifetime may outlive everything else.
HostHeap& host_heap() {
  static HostHeap* const heap = new HostHeap;
  return *heap;
}

}  // namespace

std::shared_ptr<Storage> Storage::allocate(Index bytes, Device device) {
  const Index rounded = storage_bytes(bytes);
  std::byte* const data = device.type == DeviceType::cpu ? host_heap().take(rounded)
                                                         : device_memory::allocate(rounded, device.index);
  return std::shared_ptr<Storage>(new Storage(data, rounded, device));
}

Storage::~Storage() {
  if (device_.type == DeviceType::cpu) {
    host_heap().give_back(data_, bytes_);
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

Index storage_bytes(Index bytes) {
  constexpr Index most = std::numeric_limits<Index>::max() / alignment * alignment;
  return bytes > most ? most : (std::max(bytes, Index{1}) + alignment - 1) / alignment * alignment;
}

MemoryStats memory_stats() { return host_heap().stats(); }
void reset_peak_memory() { host_heap().reset_peak(); }
void release_cached_memory() { host_heap().release(); }

}  // namespace cnn
