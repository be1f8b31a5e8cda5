// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <memory>

#include "common/core/shape.hpp"

namespace cnn {

/// What tensors take of one memory; sizes in bytes.
struct MemoryStats {
  Index in_use = 0;  ///< held by tensors now
  Index peak = 0;    ///< largest in_use since the start or reset_peak_memory()
  Index cached = 0;  ///< free, kept for reuse
};

}  // namespace cnn

/// The memory of CUDA devices: one of the two seams that a CUDA build fills in (the other is Backend). Exactly one of the
/// folders backend/cuda and backend/no_cuda is linked and defines these. A device does the work of a queue in the order in which it is
/// given, copies included, while the host goes on.
namespace cnn::device_memory {

/// The queues of a device. What is in one of them runs beside what is in the other, unless an Event orders them.
enum class Queue {
  compute,  ///< what is done with tensors, their allocation and release included
  uploads   ///< copies from page-locked memory that are to run while the device computes
};

/// The end of the work that a queue had been given at some time; null if nothing is to be waited for.
using Event = std::shared_ptr<void>;

/// \return number of devices present, 0 in a build without CUDA
int device_count();

/// \param index  which device
/// \return       whether it is a stand-in for tests that computes on the host
bool is_emulated(int index);

/// How much memory a device has, whoever uses it.
struct Capacity {
  Index free;   ///< bytes that nobody uses
  Index total;  ///< bytes
};

/// \param index  which device
/// \return       its memory
/// \throws DeviceError  no such device
Capacity capacity(int index);

/// \param bytes  size wanted
/// \param index  which device
/// \return       memory on that device
/// \throws DeviceError  no such device, or its memory is exhausted
std::byte* allocate(Index bytes, int index);

/// \param data   what allocate() returned; work given to the device before may still use it
/// \param bytes  its size
/// \param index  which device
void release(std::byte* data, Index bytes, int index) noexcept;

/// \param bytes  size wanted
/// \return       page-locked memory of the host, which devices copy from and to while the host goes on
/// \throws DeviceError  there is no device, or no such memory left
std::byte* allocate_host(Index bytes);

/// Keeps page-locked memory for the next request of its size: locking pages takes longer than copying them.
/// \param data   what allocate_host() returned; no copy uses it any more
/// \param bytes  its size
void release_host(std::byte* data, Index bytes) noexcept;

/// Copies rows of bytes between the host and a device or within a device, after all work that its queue was given before.
/// Returns at once if all memory is the device's or page-locked, which record() tells the end of; else when the host may use its
/// memory again.
/// \param to           destination
/// \param to_stride    bytes from one row to the next there
/// \param from         source
/// \param from_stride  bytes from one row to the next there
/// \param bytes        of a row
/// \param rows         how many
/// \param index        which device
/// \param queue        whose work it becomes
/// \throws DeviceError  this build has no CUDA, or the copy failed
void copy(std::byte* to, Index to_stride, const std::byte* from, Index from_stride, Index bytes, Index rows,
          int index, Queue queue = Queue::compute);

/// \param queue  a queue
/// \param index  of which device
/// \return       the end of what it has been given
/// \throws DeviceError  this build has no CUDA, or some of the work failed
Event record(Queue queue, int index);

/// Has a queue do what it will be given from now on after an event; the host goes on.
/// \param event  of any queue of the same device
/// \param queue  which is to wait
/// \param index  of which device
/// \throws DeviceError  some of the work failed
void wait(const Event& event, Queue queue, int index);

/// Has the host wait for an event.
/// \param event  of any queue
/// \param index  of which device
/// \throws DeviceError  some of the work failed
void wait(const Event& event, int index);

/// Waits until a device has done what its queue `compute` was given, and the uploads which that waits for.
/// \param index  which device
/// \throws DeviceError  no such device, or some of the work failed
void synchronize(int index);

/// Waits until a device has done what both of its queues were given, and leaves their failures to the next call. For handlers of
/// errors, before they give up page-locked memory that a copy may have been queued for.
/// \param index  which device
void finish(int index) noexcept;

/// \param index  which device
/// \return       what tensors take of its memory
/// \throws DeviceError  no such device
MemoryStats stats(int index);

/// Starts the peak of stats() anew at what is in use now.
/// \param index  which device
void reset_peak(int index);

/// Gives memory that is free, but kept for reuse, back to the device.
/// \param index  which device
void release_cached(int index);

}  // namespace cnn::device_memory
