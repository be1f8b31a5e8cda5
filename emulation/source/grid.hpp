// SPDX-License-Identifier: MIT
#pragma once

#include "block.hpp"

namespace emulation {

constexpr std::size_t shared_without_asking = 48
                                              << 10;  // bytes of shared memory that a block may have at most
constexpr std::size_t shared_at_most = 99 << 10;      // and if cudaFuncSetAttribute() was called

/// \return whether a device could run this
bool is_valid(const cudaLaunchConfig_t& config);

/// \return whether an address is one of shared memory
bool is_shared_memory(const void* p);

/// A kernel with its arguments.
struct Kernel {
  const void* function;
  std::function<void()> thread;  // what one thread does
};

/// Runs all blocks of a kernel, one after the other.
/// \param config  its grid
/// \param kernel  the kernel
/// \param block   where the blocks run
/// \param seed    0 for ascending order, otherwise that of a shuffle
/// \param tokens  of the launch
/// \throws std::exception  the kernel is wrong
void run_grid(const cudaLaunchConfig_t& config, const Kernel& kernel, Block& block, unsigned seed,
              LaunchTokens& tokens);

}  // namespace emulation
