// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <memory>

#include "common/core/device.hpp"

namespace cnn {

/// A block of memory on one device, owned by every tensor that points to it. Freed memory is kept for the next request: a
/// network asks for the same sizes in each step, and asking the system anew costs page faults, see HostHeap.
class Storage {
 public:
  /// Takes a block. Its content is undefined.
  /// \param bytes   size wanted; zero is allowed
  /// \param device  where
  /// \return        the block
  /// \throws DeviceError  the device is absent
  /// \throws Error        the memory is exhausted; the text says how much was asked for
  static std::shared_ptr<Storage> allocate(Index bytes, Device device);

  ~Storage();
  Storage(const Storage&) = delete;
  Storage& operator=(const Storage&) = delete;

  /// \return first byte, valid on device() only, aligned to 64 bytes
  std::byte* data() const noexcept { return data_; }
  /// \return usable size in bytes, at least what was asked for
  Index bytes() const noexcept { return bytes_; }
  /// \return where the block is
  Device device() const noexcept { return device_; }

  /// How many channels of each image are given out, of a tensor with room for more, see Tensor::with_room(); else -1.
  Index channels_in_use = -1;

 private:
  Storage(std::byte* data, Index bytes, Device device) : data_(data), bytes_(bytes), device_(device) {}

  std::byte* data_;
  Index bytes_;
  Device device_;
};

/// Copies bytes between any two devices and waits until they are there.
/// \param to           destination
/// \param to_device    where the destination is
/// \param from         source
/// \param from_device  where the source is
/// \param bytes        how many
/// \throws DeviceError  a device is absent
void copy_bytes(std::byte* to, Device to_device, const std::byte* from, Device from_device, Index bytes);

/// \param bytes  size of a request
/// \return       size of the block that Storage::allocate() makes of it: a multiple of 64
Index storage_bytes(Index bytes);

/// What the host's memory has seen; sizes in bytes.
struct MemoryStats {
  Index in_use = 0;  ///< held by tensors now
  Index peak = 0;    ///< largest in_use since the start or reset_peak_memory()
  Index cached = 0;  ///< free, kept for reuse
};

/// \return figures of the host's memory
MemoryStats memory_stats();

/// Starts the peak anew at what is in use now.
void reset_peak_memory();

/// Gives free memory back to the system.
void release_cached_memory();

}  // namespace cnn
