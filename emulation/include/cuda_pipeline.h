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
/// Counts a copy as a card makes it: one request to either memory, when it begins.
/// \param place  the call
void count_async_copy(const AsyncCopy& copy, const void* place);

}  // namespace emulation

// NOLINTBEGIN: the names are not ours
#if defined(EMULATION_COUNTED)  // its single bytes, by which it is made here, are nobody's business
#define EMULATION_COPIES __attribute__((no_sanitize_thread, noinline))
#else
#define EMULATION_COPIES
#endif
EMULATION_COPIES inline void __pipeline_memcpy_async(void* to, const void* from, std::size_t bytes,
                                                     std::size_t zeros = 0) {
  auto* bytes_to = static_cast<unsigned char*>(to);
  for (std::size_t i = 0; i < bytes; ++i) bytes_to[i] = 0xFF;
  const emulation::AsyncCopy copy{to, from, static_cast<unsigned>(bytes), static_cast<unsigned>(zeros)};
  emulation::async_copy(copy);
#if defined(EMULATION_COUNTED)
  emulation::count_async_copy(copy, __builtin_return_address(0));
#endif
}
inline void __pipeline_commit() { emulation::async_commit(); }
EMULATION_COPIES inline void __pipeline_wait_prior(unsigned prior) {
  emulation::AsyncCopy copy;
  while (emulation::async_landing(copy, prior)) {
    auto* to = static_cast<unsigned char*>(copy.to);
    const auto* from = static_cast<const unsigned char*>(copy.from);
    for (unsigned i = 0; i < copy.bytes; ++i) to[i] = i < copy.bytes - copy.zeros ? from[i] : 0;
  }
}
// NOLINTEND
