// SPDX-License-Identifier: MIT

// The memory seam: the stream-ordered pool of each device, page-locked host memory, queued copies, and events.

#include <algorithm>
#include <array>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "common/backend/cuda/check.hpp"
#include "common/backend/cuda/device.hpp"
#include "common/core/device_memory.hpp"

namespace cnn::device_memory {
namespace {

std::mutex stats_mutex;
std::array<MemoryStats, 64> all_stats;  // by device; `cached` is asked of the pool

MemoryStats& stats_of(int index) { return all_stats[static_cast<std::size_t>(index) % all_stats.size()]; }

/// \return bytes that the pool holds and nobody uses
Index cached_bytes(int index) {
  std::uint64_t reserved = 0;
  std::uint64_t used = 0;
  CNN_CUDA_CHECK(
      cudaMemPoolGetAttribute(cuda::memory_pool(index), cudaMemPoolAttrReservedMemCurrent, &reserved));
  CNN_CUDA_CHECK(cudaMemPoolGetAttribute(cuda::memory_pool(index), cudaMemPoolAttrUsedMemCurrent, &used));
  return static_cast<Index>(reserved - used);
}

/// Page-locked memory that nobody uses, by size. Never destroyed, as what it belongs to.
struct FreeHostMemory {
  std::mutex mutex;
  std::map<Index, std::vector<std::byte*>> blocks;
};
FreeHostMemory& free_host_memory() {
  static FreeHostMemory& memory = *new FreeHostMemory;
  return memory;
}

cudaStream_t stream_of(Queue queue, int index) {
  return queue == Queue::compute ? cuda::compute_stream(index) : cuda::upload_stream(index);
}

cudaEvent_t event_of(const Event& event) { return static_cast<cudaEvent_t>(event.get()); }

}  // namespace

int device_count() { return cuda::device_count(); }

bool is_emulated(int) {
#ifdef CNN_CUDA_EMULATED
  return true;
#else
  return false;
#endif
}

Capacity capacity(int index) {
  cuda::device_info(index);
  const cuda::DeviceScope scope(index);
  std::size_t free = 0;
  std::size_t total = 0;
  CNN_CUDA_CHECK(cudaMemGetInfo(&free, &total));
  return {static_cast<Index>(free) + cached_bytes(index), static_cast<Index>(total)};
}

std::byte* allocate(Index bytes, int index) {
  const cudaStream_t stream = cuda::compute_stream(index);
  const cuda::DeviceScope scope(index);
  void* data = nullptr;
  const cudaError_t status =
      cudaMallocFromPoolAsync(&data, static_cast<std::size_t>(bytes), cuda::memory_pool(index), stream);
  if (status == cudaErrorMemoryAllocation) {
    cudaGetLastError();
    const Capacity c = capacity(index);
    throw DeviceError("[memory] cuda:" + std::to_string(index) + " has no room for " + std::to_string(bytes) +
                      " bytes: " + std::to_string(c.free) + " of its " + std::to_string(c.total) +
                      " are free; take a smaller --batch-size");
  }
  cuda::check(status, "cudaMallocFromPoolAsync");
  const std::lock_guard lock(stats_mutex);
  MemoryStats& s = stats_of(index);
  s.peak = std::max(s.peak, s.in_use += bytes);
  return static_cast<std::byte*>(data);
}

void release(std::byte* data, Index bytes, int index) noexcept {
  // Nothing can be done about a failure here: it is one of the device, and the next call reports it.
  cudaFreeAsync(data, cuda::compute_stream(index));
  const std::lock_guard lock(stats_mutex);
  stats_of(index).in_use -= bytes;
}

std::byte* allocate_host(Index bytes) {
  {
    FreeHostMemory& free = free_host_memory();
    const std::lock_guard lock(free.mutex);
    std::vector<std::byte*>& blocks = free.blocks[bytes];
    if (!blocks.empty()) {
      std::byte* const data = blocks.back();
      blocks.pop_back();
      return data;
    }
  }
  void* data = nullptr;
  CNN_CUDA_CHECK(cudaHostAlloc(&data, static_cast<std::size_t>(bytes), cudaHostAllocDefault));
  return static_cast<std::byte*>(data);
}

void release_host(std::byte* data, Index bytes) noexcept {
  FreeHostMemory& free = free_host_memory();
  const std::lock_guard lock(free.mutex);
  free.blocks[bytes].push_back(data);
}

// What the runtime does with memory of the host that is not page-locked is what the seam promises: it reads the source before
// it returns, or has written the destination.
void copy(std::byte* to, Index to_stride, const std::byte* from, Index from_stride, Index bytes, Index rows,
          int index, Queue queue) {
  const cudaStream_t stream = stream_of(queue, index);
  const cuda::DeviceScope scope(index);
  const auto size = [](Index n) { return static_cast<std::size_t>(n); };
  if (rows == 1 || (to_stride == bytes && from_stride == bytes)) {
    CNN_CUDA_CHECK(cudaMemcpyAsync(to, from, size(bytes * rows), cudaMemcpyDefault, stream));
  } else {
    CNN_CUDA_CHECK(cudaMemcpy2DAsync(to, size(to_stride), from, size(from_stride), size(bytes), size(rows),
                                     cudaMemcpyDefault, stream));
  }
}

Event record(Queue queue, int index) {
  const cudaStream_t stream = stream_of(queue, index);
  const cuda::DeviceScope scope(index);
  cudaEvent_t event = nullptr;
  CNN_CUDA_CHECK(cudaEventCreateWithFlags(&event, cudaEventDisableTiming));
  const Event owner(event, [](void* passed) { cudaEventDestroy(static_cast<cudaEvent_t>(passed)); });
  CNN_CUDA_CHECK(cudaEventRecord(event, stream));
  return owner;
}

void wait(const Event& event, Queue queue, int index) {
  if (event) CNN_CUDA_CHECK(cudaStreamWaitEvent(stream_of(queue, index), event_of(event)));
}

void wait(const Event& event, int index) {
  const cuda::DeviceScope scope(index);
  if (event) CNN_CUDA_CHECK(cudaEventSynchronize(event_of(event)));
}

void synchronize(int index) { CNN_CUDA_CHECK(cudaStreamSynchronize(cuda::compute_stream(index))); }

void finish(int index) noexcept {
  for (const Queue queue : {Queue::uploads, Queue::compute}) {
    try {
      cudaStreamSynchronize(stream_of(queue, index));
    } catch (const Error&) {  // it has no such queue, and so nothing to do there
    }
  }
}

MemoryStats stats(int index) {
  cuda::device_info(index);
  const std::lock_guard lock(stats_mutex);
  MemoryStats s = stats_of(index);
  s.cached = cached_bytes(index);
  return s;
}

void reset_peak(int index) {
  const std::lock_guard lock(stats_mutex);
  stats_of(index).peak = stats_of(index).in_use;
}

void release_cached(int index) {
  synchronize(index);
  CNN_CUDA_CHECK(cudaMemPoolTrimTo(cuda::memory_pool(index), 0));
  FreeHostMemory& free = free_host_memory();
  const std::lock_guard lock(free.mutex);
  for (auto& [bytes, blocks] : free.blocks) {
    while (!blocks.empty()) {
      std::byte* const data = blocks.back();
      blocks.pop_back();
      CNN_CUDA_CHECK(cudaFreeHost(data));
    }
  }
}

}  // namespace cnn::device_memory
