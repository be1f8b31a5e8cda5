// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <string>

#include "emulation/types.h"

/// What tests ask of the emulated devices, and what they put into their way.
namespace emulation {

/// What a program asked of the runtime since the last reset_counters().
struct Counters {
  long launches = 0;        ///< kernels
  long uploads = 0;         ///< copies from the host to a device
  long upload_bytes = 0;    ///< and what they carried
  long downloads = 0;       ///< copies from a device to the host
  long download_bytes = 0;  ///< and what they carried
  long device_copies = 0;   ///< copies within a device
  long mallocs = 0;         ///< cudaMalloc(), which waits for the device
  long pool_mallocs = 0;    ///< allocations in the order of a stream, which do not
  long pool_growths = 0;    ///< those for which the pool had to ask the device for memory
  long device_waits = 0;    ///< calls that wait for all of a device: cudaDeviceSynchronize(), cudaFree(), ...
  long stream_waits =
      0;  ///< calls that wait for a stream or an event, copies of ordinary host memory included
};

/// \return the counters of all devices together
Counters counters();
/// \param call  name of a function of the runtime, "cudaMemcpyAsync"
/// \return      how often it was called
long calls(const std::string& call);
/// Sets counters() and calls() to zero.
void reset_counters();

/// Order in which the warps and lanes of a block and the blocks of a grid run.
/// \param seed  0 for ascending, otherwise that of a shuffle
void set_schedule(unsigned seed);
/// \param count  devices from now on: 1 at first, -1 for a machine without a driver
void set_device_count(int count);
/// \param capability  compute capability of all devices, 10 major + minor; 86 at first
void set_capability(int capability);
/// \param bytes  memory of each device; 4 GiB at first
void set_memory_limit(std::size_t bytes);
/// Has a call fail, once.
/// \param call   name of a function of the runtime
/// \param nth    1 for the next call of it, 2 for the one after, ...
/// \param error  what it returns
void fail_call(const std::string& call, int nth, cudaError_t error);
/// Has every call on all devices fail from now on, as when a card falls off the bus.
void lose_devices();
/// \param device  which device
/// \return        largest number of bytes that were allocated on it at a time since reset_counters()
std::size_t peak_bytes(int device);

/// Forgets queued work, failures, losses and limits; allocations and streams stay. For the end of a test that broke something.
void reset();

}  // namespace emulation
