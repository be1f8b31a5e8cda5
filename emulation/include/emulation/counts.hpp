// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <string>
#include <vector>

/// What kernels ask of the memory, in programs that link the target cuda_counting: the kernels compiled with the target
/// cuda_counted are counted, others are not.
///
/// The accesses that the lanes of a warp make by one instruction, for the same time, are one *request*. It is served in *sectors*
/// of 32 bytes by the memory of the device, and by shared memory in *wavefronts*: its 32 banks give a word of four bytes each at a time.
namespace emulation {

/// Requests to the memory of the device.
struct GlobalCounts {
  long requests = 0;
  long lines = 0;    ///< of 128 bytes that the cache looks up, one at a time
  long sectors = 0;  ///< fetched or written
  long ideal = 0;    ///< as many as the bytes of each request fill, rounded up
};

/// Requests to shared memory.
struct SharedCounts {
  long requests = 0;
  long words = 0;  ///< of four bytes, different ones of each request
  long wavefronts = 0;
  long ideal = 0;  ///< without bank conflicts: one for 32 lanes of 4 bytes, two of 8 bytes, four of 16 bytes
};

/// What the launches of a kernel asked for.
struct KernelCounts {
  std::string name;  ///< as the compiler writes it, with its template arguments
  long launches = 0;
  unsigned threads = 0;          ///< of a block, in the last launch
  std::size_t shared_bytes = 0;  ///< that the last launch gave to a block
  GlobalCounts loads, stores;
  SharedCounts shared_loads, shared_stores;
};

/// Sectors that were fetched from a range of memory and written to it, each as often as it was asked for.
struct Traffic {
  long loaded = 0;
  long stored = 0;
};

/// Forgets all counts. Work that is queued runs later, and is counted then.
void reset_counts();
/// \return what each kernel asked for since reset_counts(), for those that have run
std::vector<KernelCounts> counts();
/// \param name  a part of the names of kernels
/// \return      the sums over all of them
KernelCounts counts_of(const std::string& name);
/// \param data   memory of a device
/// \param bytes  how many
/// \return       what all kernels together fetched from it and wrote to it since reset_counts()
Traffic traffic(const void* data, std::size_t bytes);

}  // namespace emulation
