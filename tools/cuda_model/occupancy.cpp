// SPDX-License-Identifier: MIT

// How many threads of a kernel fit on a multiprocessor, by NVIDIA's own formula, which needs no driver. Reads lines "registers
// shared_bytes threads" (shared memory and threads of a block), and writes a line for each: percent of the threads that it can hold,
// for each card in the order of cards.py.

#include <climits>
#include <cstdio>
#include <cstring>

#include <cuda_occupancy.h>

namespace {

struct Card {
  int major, minor, multiprocessors, shared_bytes, threads;  // of a multiprocessor
};

/// The properties that the formula asks for.
cudaOccDeviceProp properties(const Card& card) {
  cudaOccDeviceProp p;
  p.computeMajor = card.major;
  p.computeMinor = card.minor;
  p.maxThreadsPerBlock = 1024;
  p.maxThreadsPerMultiprocessor = card.threads;
  p.regsPerBlock = p.regsPerMultiprocessor = 65536;
  p.warpSize = 32;
  p.sharedMemPerBlock = 48 << 10;
  p.sharedMemPerMultiprocessor = static_cast<size_t>(card.shared_bytes);
  p.numSms = card.multiprocessors;
  p.reservedSharedMemPerBlock = 1 << 10;
  p.sharedMemPerBlockOptin = static_cast<size_t>(card.shared_bytes) - p.reservedSharedMemPerBlock;
  return p;
}

int percent(const Card& card, int registers, int shared_bytes, int threads) {
  const cudaOccDeviceProp p = properties(card);
  cudaOccFuncAttributes kernel;
  kernel.maxThreadsPerBlock = threads;
  kernel.numRegs = registers;
  kernel.sharedSizeBytes = static_cast<size_t>(shared_bytes);
  kernel.partitionedGCConfig = PARTITIONED_GC_OFF;
  kernel.shmemLimitConfig = FUNC_SHMEM_LIMIT_OPTIN;
  kernel.maxDynamicSharedSizeBytes = p.sharedMemPerBlockOptin;
  kernel.numBlockBarriers = 1;
  const cudaOccDeviceState state;
  cudaOccResult result;
  if (cudaOccMaxActiveBlocksPerMultiprocessor(&result, &p, &kernel, &state, threads, 0) != CUDA_OCC_SUCCESS)
    return -1;
  return 100 * result.activeBlocksPerMultiprocessor * threads / card.threads;
}

}  // namespace

int main() {
  // RTX 3060, RTX 4090, RTX A6000, H100, H200
  constexpr Card cards[] = {{8, 6, 28, 100 << 10, 1536},
                            {8, 9, 128, 100 << 10, 1536},
                            {8, 6, 84, 100 << 10, 1536},
                            {9, 0, 132, 228 << 10, 2048},
                            {9, 0, 132, 228 << 10, 2048}};
  int registers = 0, shared_bytes = 0, threads = 0;
  while (std::scanf("%d %d %d", &registers, &shared_bytes, &threads) == 3) {
    for (const Card& card : cards) std::printf("%d ", percent(card, registers, shared_bytes, threads));
    std::printf("\n");
  }
}
