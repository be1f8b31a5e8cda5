// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <map>
#include <string>

namespace emulation {

/// The memory of all devices. Pointers handed out lie in `handles_`, which nobody may touch; the bytes live in `bytes_`, and
/// kernels get their addresses there. So host code that dereferences a device pointer faults, as it would with a real card.
/// Behind every block is a red zone, and what is free or was never written is poison: NaN as a float.
class DeviceHeap {
 public:
  /// What a pointer belongs to.
  struct Block {
    std::size_t at, bytes;
    int device;
    bool from_pool;
  };

  DeviceHeap();

  /// \return a block of poison, or null if the address space is exhausted
  void* allocate(std::size_t bytes, int device, bool from_pool);
  /// \return the block that begins at a pointer, or null
  const Block* starting_at(const void* p) const;
  /// From now on nobody may name the block any more; work queued before still may use it.
  /// \param block  of starting_at()
  /// \return       what recycle() takes
  Block retire(const Block& block);
  /// Poisons a block and keeps its place for the next one of that size.
  /// \param block  of retire()
  /// \return       whether its red zone is intact
  bool recycle(const Block& block);
  /// \return whether a pointer is one of a device, live or not
  bool owns(const void* p) const { return p >= handles_ && p < handles_ + reserved; }
  /// \param p       a device pointer
  /// \param bytes   that are wanted from there
  /// \param device  whose memory it must be
  /// \return        where they live
  /// \throws std::exception  a host pointer, freed memory, another device, or outside of the block
  char* bytes_of(const void* p, std::size_t bytes, int device) const;
  /// \return where the byte of a device pointer lives, live or not
  const char* bytes_at(const void* p) const { return bytes_ + (static_cast<const char*>(p) - handles_); }
  /// \return whether a byte, by the address that kernels use, is one of a device
  bool holds(const void* p) const { return p >= bytes_ && p < bytes_ + reserved; }

 private:
  static constexpr std::size_t reserved = std::size_t{1} << 36;  // of addresses

  char* handles_;
  char* bytes_;
  std::size_t top_;
  std::map<std::size_t, Block> live_;             // by position
  std::multimap<std::size_t, std::size_t> free_;  // size with the red zone -> position
};

/// \return the one heap
DeviceHeap& device_heap();

}  // namespace emulation
