// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <memory>

#include "common/core/device.hpp"
#include "common/core/device_memory.hpp"

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

  /// Takes a block of the host that devices copy from and to while the host goes on. Whoever gives it back sees to it that no
  /// copy uses it any more.
  /// \param bytes  size wanted
  /// \return       the block, its content undefined
  /// \throws DeviceError  there is no device
  static std::shared_ptr<Storage> allocate_page_locked(Index bytes);

  ~Storage();
  Storage(const Storage&) = delete;
  Storage& operator=(const Storage&) = delete;

  /// \return first byte, valid on device() only, aligned to 64 bytes; null on `meta`
  std::byte* data() const noexcept { return place_.data; }
  /// \return usable size in bytes, at least what was asked for
  Index bytes() const noexcept { return bytes_; }
  /// \return where the block is
  Device device() const noexcept { return device_; }

  /// How many channels of each image are given out, of a tensor with a reserve, see Tensor::with_reserve(); else -1.
  Index channels_in_use = -1;

 private:
  /// Where a block is: an address, or on `meta` a position in a range of bytes that nobody has.
  struct Place {
    std::byte* data = nullptr;
    Index position = 0;
  };
  Storage(Place place, Index bytes, Device device, bool page_locked = false)
      : place_(place), bytes_(bytes), device_(device), page_locked_(page_locked) {}

  Place place_;
  Index bytes_;
  Device device_;
  bool page_locked_;
};

/// Rows of bytes on a device.
template <typename Byte>
struct Rows {
  Byte* data;        ///< first byte
  Device device;     ///< where
  Index stride = 0;  ///< bytes from one row to the next
};

/// Copies rows of bytes between any two devices. Afterwards the host may read what it was given; what a device was given is there
/// for all that the device does later. Nothing is copied to `meta`.
/// \param to     destination
/// \param from   source
/// \param bytes  of a row
/// \param rows   how many
/// \throws DeviceError  a device is absent, or the source is `meta` and the destination is not
void copy_rows(Rows<std::byte> to, Rows<const std::byte> from, Index bytes, Index rows = 1);

/// \param bytes  size of a request
/// \return       size of the block that Storage::allocate() makes of it: a multiple of 64
Index storage_bytes(Index bytes);

/// \param device  whose memory
/// \return        what tensors take of it
/// \throws DeviceError  the device is absent
MemoryStats memory_stats(Device device = {});

/// Starts the peak anew at what is in use now.
/// \param device  whose memory
/// \throws DeviceError  the device is absent
void reset_peak_memory(Device device = {});

/// Gives free memory back to the system. On `meta`, where none is to be given back, it is no longer `cached`.
/// \param device  whose memory
/// \throws DeviceError  the device is absent
void release_cached_memory(Device device = {});

}  // namespace cnn
