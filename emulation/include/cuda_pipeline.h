// SPDX-License-Identifier: MIT
// Copies from global to shared memory that a thread need not wait for: they land when it waits for them, no earlier, and until
// then the destination is poison.
#pragma once

#include "emulation/device_code.h"

namespace emulation {

/// One copy of at most 16 bytes.
struct AsyncCopy {
  void* to;
  const void* from;
  unsigned bytes, zeros;  // zeros: how many of its last bytes are not read, but zero
};
/// Notes a copy of the calling thread in the batch that async_commit() closes.
void async_copy(const AsyncCopy& copy);
void async_commit();
/// \param copy   receives the next one of the thread that has to land
/// \param prior  batches that may stay under way
/// \return       whether there is one
bool async_landing(AsyncCopy& copy, unsigned prior);

}  // namespace emulation

// NOLINTBEGIN: the names are not ours
inline void __pipeline_memcpy_async(void* to, const void* from, std::size_t bytes, std::size_t zeros = 0) {
  auto* bytes_to = static_cast<unsigned char*>(to);
  for (std::size_t i = 0; i < bytes; ++i) bytes_to[i] = 0xFF;
  emulation::async_copy({to, from, static_cast<unsigned>(bytes), static_cast<unsigned>(zeros)});
}
inline void __pipeline_commit() { emulation::async_commit(); }
inline void __pipeline_wait_prior(unsigned prior) {
  emulation::AsyncCopy copy;
  while (emulation::async_landing(copy, prior)) {
    auto* to = static_cast<unsigned char*>(copy.to);
    const auto* from = static_cast<const unsigned char*>(copy.from);
    for (unsigned i = 0; i < copy.bytes; ++i) to[i] = i < copy.bytes - copy.zeros ? from[i] : 0;
  }
}
// NOLINTEND
