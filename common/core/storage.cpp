// SPDX-License-Identifier: MIT
#include "common/core/storage.hpp"

#include <algorithm>
#include <cstring>
#include <limits>
#include <mutex>

#include "common/core/check.hpp"
#include "common/core/host_heap.hpp"
#include "common/core/threads.hpp"

namespace cnn {
namespace {

/// Gives out places as HostHeap does, in a range of bytes that nobody has.
class MetaHeap {
 public:
  Index take(Index bytes) {
    const std::lock_guard lock(mutex_);
    stats_.peak = std::max(stats_.peak, stats_.in_use += bytes);
    return places_.take(bytes).value();
  }
  void give_back(Index position, Index bytes) noexcept {
    const std::lock_guard lock(mutex_);
    stats_.in_use -= bytes;
    places_.give_back(position, bytes);
  }
  void release() {
    const std::lock_guard lock(mutex_);
    places_.forget();
  }
  MemoryStats stats() {
    const std::lock_guard lock(mutex_);
    return {stats_.in_use, stats_.peak, places_.idle()};
  }
  void reset_peak() {
    const std::lock_guard lock(mutex_);
    stats_.peak = stats_.in_use;
  }

 private:
  std::mutex mutex_;
  FirstFit places_{std::numeric_limits<Index>::max() / 2};
  MemoryStats stats_;
};

/// Never destroyed: tensors with static lifetime may outlive everything else.
HostHeap& host_heap() {
  static HostHeap* const heap = new HostHeap;
  return *heap;
}

MetaHeap& meta_heap() {
  static MetaHeap* const heap = new MetaHeap;
  return *heap;
}

}  // namespace

std::shared_ptr<Storage> Storage::allocate(Index bytes, Device device) {
  const Index rounded = storage_bytes(bytes);
  Place place;
  switch (device.type) {
    case DeviceType::cpu:
      place.data = host_heap().take(rounded);
      break;
    case DeviceType::cuda:
      place.data = device_memory::allocate(rounded, device.index);
      break;
    case DeviceType::meta:
      place.position = meta_heap().take(rounded);
      break;
  }
  return std::shared_ptr<Storage>(new Storage(place, rounded, device));
}

std::shared_ptr<Storage> Storage::allocate_page_locked(Index bytes) {
  const Index rounded = storage_bytes(bytes);
  return std::shared_ptr<Storage>(new Storage({device_memory::allocate_host(rounded)}, rounded, {}, true));
}

Storage::~Storage() {
  if (page_locked_) {
    device_memory::release_host(place_.data, bytes_);
    return;
  }
  switch (device_.type) {
    case DeviceType::cpu:
      host_heap().give_back(place_.data, bytes_);
      break;
    case DeviceType::cuda:
      device_memory::release(place_.data, bytes_, device_.index);
      break;
    case DeviceType::meta:
      meta_heap().give_back(place_.position, bytes_);
      break;
  }
}

void copy_rows(Rows<std::byte> to, Rows<const std::byte> from, Index bytes, Index rows) {
  if (bytes == 0 || rows == 0 || to.device.type == DeviceType::meta) return;
  CNN_CHECK(from.device.type != DeviceType::meta, DeviceError,
            "[memory] a tensor on meta has no elements that could be copied to " + to_string(to.device));
  if (to.device.type == DeviceType::cuda || from.device.type == DeviceType::cuda) {
    const int index = to.device.type == DeviceType::cuda ? to.device.index : from.device.index;
    device_memory::copy(to.data, to.stride, from.data, from.stride, bytes, rows, index);
    if (to.device.type == DeviceType::cpu) device_memory::synchronize(index);
    return;
  }
  constexpr Index rows_per_piece = 8;
  parallel_for(rows, rows_per_piece, [&](Index first, Index last) {
    for (Index row = first; row < last; ++row)
      std::memcpy(to.data + row * to.stride, from.data + row * from.stride, static_cast<std::size_t>(bytes));
  });
}

Index storage_bytes(Index bytes) {
  constexpr Index most = std::numeric_limits<Index>::max() / block_alignment * block_alignment;
  return bytes > most ? most
                      : (std::max(bytes, Index{1}) + block_alignment - 1) / block_alignment * block_alignment;
}

MemoryStats memory_stats(Device device) {
  if (device.type == DeviceType::cuda) return device_memory::stats(device.index);
  return device.type == DeviceType::meta ? meta_heap().stats() : host_heap().stats();
}

void reset_peak_memory(Device device) {
  if (device.type == DeviceType::cuda) return device_memory::reset_peak(device.index);
  device.type == DeviceType::meta ? meta_heap().reset_peak() : host_heap().reset_peak();
}

void release_cached_memory(Device device) {
  if (device.type == DeviceType::cuda) return device_memory::release_cached(device.index);
  device.type == DeviceType::meta ? meta_heap().release() : host_heap().release();
}

}  // namespace cnn
