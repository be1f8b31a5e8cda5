// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>

namespace emulation {

/// Who is told of the blocks that run, so that accesses can be counted.
struct Observer {
  void (*block_begins)(const void* kernel, std::size_t shared_bytes) = nullptr;
  void (*block_ends)() = nullptr;
};
inline Observer observer;

}  // namespace emulation
