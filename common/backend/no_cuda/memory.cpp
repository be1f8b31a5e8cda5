// SPDX-License-Identifier: MIT

// The memory seam, answered with "this build has no CUDA".

#include "common/core/check.hpp"
#include "common/core/device_memory.hpp"

namespace cnn::device_memory {
namespace {

constexpr const char* absent = "[cuda] this build has no CUDA; run on the CPU";

}  // namespace

int device_count() { return 0; }
bool is_emulated(int) { return false; }
Capacity capacity(int) { throw DeviceError(absent); }
std::byte* allocate(Index, int) { throw DeviceError(absent); }
void release(std::byte*, Index, int) noexcept {}
std::byte* allocate_host(Index) { throw DeviceError(absent); }
void release_host(std::byte*, Index) noexcept {}
void copy(std::byte*, Index, const std::byte*, Index, Index, Index, int, Queue) { throw DeviceError(absent); }
Event record(Queue, int) { throw DeviceError(absent); }
void wait(const Event&, Queue, int) { throw DeviceError(absent); }
void wait(const Event&, int) { throw DeviceError(absent); }
void synchronize(int) { throw DeviceError(absent); }
void finish(int) noexcept {}
MemoryStats stats(int) { throw DeviceError(absent); }
void reset_peak(int) { throw DeviceError(absent); }
void release_cached(int) { throw DeviceError(absent); }

}  // namespace cnn::device_memory
