// SPDX-License-Identifier: MIT

// The memory seam, answered with "this build has no CUDA".

#include "common/core/check.hpp"
#include "common/core/device_memory.hpp"

namespace cnn::device_memory {
namespace {

constexpr const char* absent = "[cuda] this build has no CUDA; run on the CPU";

}  // namespace

int device_count() { return 0; }
std::byte* allocate(Index, int) { throw DeviceError(absent); }
void release(std::byte*, int) noexcept {}
void copy(std::byte*, const std::byte*, Index) { throw DeviceError(absent); }

}  // namespace cnn::device_memory
