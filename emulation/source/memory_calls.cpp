// SPDX-License-Identifier: MIT

// Functions of the runtime that allocate and free.

#include <algorithm>
#include <cstring>
#include <new>

#include "device_heap.hpp"
#include "runtime.hpp"

namespace emulation {
namespace {

constexpr const char* red_zone_text = "a kernel wrote beyond the end of a device allocation";

/// Allocates on the current device or, if from_pool, on that of a stream.
/// \throws Failure  the device has no room
void* take(Runtime& r, std::size_t bytes, int device, bool from_pool) {
  if (bytes == 0) return nullptr;
  Usage& u = r.usage[device];
  const std::size_t reserved = std::max(u.reserved, u.pooled + (from_pool ? bytes : 0));
  const std::size_t elsewhere = u.in_use - u.pooled + (from_pool ? 0 : bytes);
  if (bytes > r.memory || reserved + elsewhere > r.memory)
    throw Failure{cudaErrorMemoryAllocation, "out of memory"};
  void* const pointer = device_heap().allocate(bytes, device, from_pool);
  if (pointer == nullptr) throw Failure{cudaErrorMemoryAllocation, "out of memory"};
  if (reserved > u.reserved) ++r.counters.pool_growths;
  u.reserved = reserved;
  u.in_use += bytes;
  if (from_pool) u.pooled += bytes;
  u.peak = std::max(u.peak, u.in_use);
  u.pool_peak = std::max(u.pool_peak, u.pooled);
  ++(from_pool ? r.counters.pool_mallocs : r.counters.mallocs);
  return pointer;
}

/// \return the block that a pointer names, which nobody may name any more
DeviceHeap::Block give_back(Runtime& r, const void* pointer) {
  const DeviceHeap::Block* const found = device_heap().starting_at(pointer);
  if (found == nullptr) throw std::invalid_argument("not the start of a live device allocation");
  const DeviceHeap::Block block = device_heap().retire(*found);
  Usage& u = r.usage[block.device];
  u.in_use -= block.bytes;
  if (block.from_pool) u.pooled -= block.bytes;
  return block;
}

void recycle(const DeviceHeap::Block& block) {
  if (!device_heap().recycle(block)) throw Failure{cudaErrorIllegalAddress, red_zone_text};
}

int device_of(cudaMemPool_t pool) {  // pools are numbers: device + 1
  return static_cast<int>(reinterpret_cast<std::uintptr_t>(pool)) - 1;
}

void allocate_host(Runtime& r, void** pointer, std::size_t bytes) {
  *pointer = ::operator new(bytes);
  std::memset(*pointer, poison_byte, bytes);
  r.page_locked[static_cast<char*>(*pointer)] = bytes;
}

}  // namespace
}  // namespace emulation

using emulation::call;
using emulation::current_device;
using emulation::Failure;
using emulation::Runtime;

cudaError_t cudaMalloc(void** pointer, std::size_t bytes) {
  return call(__func__, [&](Runtime& r) { *pointer = emulation::take(r, bytes, current_device(), false); });
}
cudaError_t cudaFree(void* pointer) {
  return call(__func__, [&](Runtime& r) {
    if (pointer == nullptr) return;
    ++r.counters.device_waits;
    r.drain_device(current_device());
    emulation::recycle(emulation::give_back(r, pointer));
  });
}
cudaError_t cudaMallocAsync(void** pointer, std::size_t bytes, cudaStream_t stream) {
  return call(__func__,
              [&](Runtime& r) { *pointer = emulation::take(r, bytes, r.stream(stream).device, true); });
}
cudaError_t cudaMallocFromPoolAsync(void** pointer, std::size_t bytes, cudaMemPool_t pool,
                                    cudaStream_t stream) {
  return call(__func__, [&](Runtime& r) {
    r.stream(stream);
    *pointer = emulation::take(r, bytes, emulation::device_of(pool), true);
  });
}
cudaError_t cudaFreeAsync(void* pointer, cudaStream_t stream) {
  return call(__func__, [&](Runtime& r) {
    if (pointer == nullptr) return;
    emulation::Stream& s = r.stream(stream);
    const auto block = emulation::give_back(r, pointer);
    r.queue(s, {[block] { emulation::recycle(block); }});
  });
}
cudaError_t cudaDeviceGetDefaultMemPool(cudaMemPool_t* pool, int device) {
  return call(__func__, [&](Runtime& r) {
    if (device < 0 || device >= r.device_count) throw Failure{cudaErrorInvalidDevice, "no such device"};
    *pool = reinterpret_cast<cudaMemPool_t>(static_cast<std::uintptr_t>(device) + 1);
  });
}
cudaError_t cudaMemPoolSetAttribute(cudaMemPool_t pool, cudaMemPoolAttr attribute, void* value) {
  return call(__func__, [&](Runtime& r) {
    std::uint64_t number = 0;
    std::memcpy(&number, value, sizeof number);
    emulation::Usage& u = r.usage[emulation::device_of(pool)];
    switch (attribute) {
      case cudaMemPoolAttrReleaseThreshold:
        u.threshold = number;
        break;
      case cudaMemPoolAttrUsedMemHigh:
        u.pool_peak = u.pooled;
        break;
      default:
        throw std::invalid_argument("an attribute that nobody can set");
    }
  });
}
cudaError_t cudaMemPoolGetAttribute(cudaMemPool_t pool, cudaMemPoolAttr attribute, void* value) {
  return call(__func__, [&](Runtime& r) {
    const emulation::Usage& u = r.usage[emulation::device_of(pool)];
    const std::uint64_t number = attribute == cudaMemPoolAttrReleaseThreshold ? u.threshold
                                 : attribute == cudaMemPoolAttrUsedMemCurrent ? u.pooled
                                 : attribute == cudaMemPoolAttrUsedMemHigh    ? u.pool_peak
                                                                              : u.reserved;
    std::memcpy(value, &number, sizeof number);
  });
}
cudaError_t cudaMemPoolTrimTo(cudaMemPool_t pool, std::size_t bytes) {
  return call(__func__, [&](Runtime& r) {
    emulation::Usage& u = r.usage[emulation::device_of(pool)];
    u.reserved = std::max(u.pooled, std::min(u.reserved, bytes));
  });
}
cudaError_t cudaMemGetInfo(std::size_t* free, std::size_t* total) {
  return call(__func__, [&](Runtime& r) {
    const emulation::Usage& u = r.usage[current_device()];
    const std::size_t taken = u.in_use - u.pooled + u.reserved;
    *total = r.memory;
    *free = r.memory - std::min(taken, r.memory);
  });
}
cudaError_t cudaHostAlloc(void** pointer, std::size_t bytes, unsigned) {
  return call(__func__, [&](Runtime& r) { emulation::allocate_host(r, pointer, bytes); });
}
cudaError_t cudaMallocHost(void** pointer, std::size_t bytes) {
  return call(__func__, [&](Runtime& r) { emulation::allocate_host(r, pointer, bytes); });
}
cudaError_t cudaFreeHost(void* pointer) {
  return call(__func__, [&](Runtime& r) {
    if (pointer == nullptr) return;
    const auto found = r.page_locked.find(static_cast<char*>(pointer));
    if (found == r.page_locked.end()) throw std::invalid_argument("not page-locked memory");
    const emulation::HostRange range{found->first, found->second};
    if (r.is_read(range) || r.is_written(range))
      throw std::invalid_argument("page-locked memory that a queued copy still uses");
    r.page_locked.erase(found);
    ::operator delete(pointer);
  });
}
