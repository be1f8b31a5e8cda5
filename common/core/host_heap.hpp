// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <mutex>
#include <optional>

#include "common/core/device_memory.hpp"
#include "common/core/first_fit.hpp"

namespace cnn {

/// Bytes that blocks begin at multiples of, and are multiples of: a cache line, and the widest SIMD register.
constexpr Index block_alignment = 64;

/// The memory of all host tensors: one range of addresses, as large as the machine's memory, of which the system provides
/// pages when they are first written to, large ones if it can. A training step asks for the same blocks in the same order as
/// the one before, so from the second step on it meets pages that are there already, and the whole takes little more than the
/// most that was ever in use. Where no such range can be had or addresses are limited (`ulimit -v`), and under the address
/// sanitizer, which would not see a step beyond a block of it, each block comes from the system.
class HostHeap {
 public:
  HostHeap();
  HostHeap(const HostHeap&) = delete;
  HostHeap& operator=(const HostHeap&) = delete;

  /// \param bytes  size wanted, a multiple of block_alignment
  /// \return       a block aligned to block_alignment
  /// \throws Error  the memory is exhausted
  std::byte* take(Index bytes);
  /// \param block  what take() returned
  /// \param bytes  its size
  void give_back(std::byte* block, Index bytes) noexcept;
  /// Gives the pages of all free places back to the system.
  void release();
  /// \return figures of this heap
  MemoryStats stats();
  /// Starts the peak anew at what is in use now.
  void reset_peak();

 private:
  std::mutex mutex_;
  std::byte* range_ = nullptr;
  std::optional<FirstFit> places_;  // of the range, if there is one
  MemoryStats stats_;
};

}  // namespace cnn
