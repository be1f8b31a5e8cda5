// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>

namespace emulation {

/// Notes an access if a kernel makes it, to memory of the device or to shared memory.
/// \param p            where
/// \param bytes        how many
/// \param writes       or reads
/// \param instruction  address of the code
void count_access(const void* p, std::size_t bytes, bool writes, const void* instruction);

}  // namespace emulation
