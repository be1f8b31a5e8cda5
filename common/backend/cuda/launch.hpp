// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <utility>

#include "common/backend/cuda/check.hpp"
#include "common/backend/cuda/device.hpp"

namespace cnn::cuda {

/// How many threads compute a kernel.
struct Grid {
  dim3 grid;                     ///< blocks
  dim3 block;                    ///< threads of each block
  std::size_t shared_bytes = 0;  ///< what dynamic_shared() of a block has
};

/// \param n,d  non-negative, positive
/// \return     n / d, rounded up: how many blocks of d cover n
template <typename T>
constexpr unsigned ceil_div(T n, T d) {
  return static_cast<unsigned>((n + d - 1) / d);
}

/// Queues a kernel in the compute stream of the current device.
/// \param kernel  a __global__ function
/// \param g       its blocks and threads
/// \param args    its arguments, pointers to the memory of the device or values
/// \throws DeviceError  the launch failed
template <typename... Params, typename... Args>
void launch(void (*kernel)(Params...), const Grid& g, Args&&... args) {
  constexpr std::size_t without_asking = 48 << 10;  // bytes of shared memory that every kernel may have
  if (g.shared_bytes > without_asking) {
    CNN_CUDA_CHECK(cudaFuncSetAttribute(reinterpret_cast<const void*>(kernel),
                                        cudaFuncAttributeMaxDynamicSharedMemorySize,
                                        static_cast<int>(g.shared_bytes)));
  }
  cudaLaunchConfig_t config{};
  config.gridDim = g.grid;
  config.blockDim = g.block;
  config.dynamicSmemBytes = g.shared_bytes;
  config.stream = compute_stream();
  CNN_CUDA_CHECK(cudaLaunchKernelEx(&config, kernel, std::forward<Args>(args)...));
}

/// \return the shared memory of this block whose size the launch gave, aligned to 32 bytes; for kernels alone
template <typename T>
__device__ T* dynamic_shared() {
#ifdef __CUDACC__
  extern __shared__ __align__(32) unsigned char shared_bytes_of_block[];
  return reinterpret_cast<T*>(shared_bytes_of_block);
#else
  return static_cast<T*>(emulation::dynamic_shared());
#endif
}

}  // namespace cnn::cuda
