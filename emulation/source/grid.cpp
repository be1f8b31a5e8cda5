// SPDX-License-Identifier: MIT
#include "grid.hpp"

#include <algorithm>
#include <cstring>
#include <numeric>

#include "observer.hpp"

// Bounds of the section that __shared__ puts its variables in.
extern "C" {
extern char __start_cuda_shared[];
extern char __stop_cuda_shared[];
}

namespace emulation {
namespace {

// The dynamic shared memory lies among the static one, with what else a new block must find poisoned.
alignas(128) __attribute__((section("cuda_shared"))) char dynamic_bytes[shared_at_most];

void poison_shared(std::size_t dynamic_size) {
  forget_history(__start_cuda_shared, __stop_cuda_shared);
  const auto fill = [](char* from, char* to) {
    std::memset(from, poison_byte, static_cast<std::size_t>(to - from));
  };
  fill(__start_cuda_shared, dynamic_bytes);
  unpoison(dynamic_bytes, shared_at_most);
  fill(dynamic_bytes, dynamic_bytes + dynamic_size);
  poison(dynamic_bytes + dynamic_size, shared_at_most - dynamic_size);
  fill(dynamic_bytes + shared_at_most, __stop_cuda_shared);
}

}  // namespace

void* dynamic_shared() { return dynamic_bytes; }

bool is_valid(const cudaLaunchConfig_t& config) {
  const dim3 g = config.gridDim;
  const dim3 b = config.blockDim;
  const std::size_t threads = std::size_t{b.x} * b.y * b.z;
  const std::size_t blocks = std::size_t{g.x} * g.y * g.z;
  constexpr unsigned most_blocks = 65535;
  return threads > 0 && threads <= 1024 && b.z <= 64 && blocks > 0 && g.x < 1u << 31 && g.y <= most_blocks &&
         g.z <= most_blocks && config.dynamicSmemBytes <= shared_at_most;
}

bool is_shared_memory(const void* p) { return p >= __start_cuda_shared && p < __stop_cuda_shared; }

void run_grid(const cudaLaunchConfig_t& config, const Kernel& kernel, Block& block, unsigned seed,
              LaunchTokens& tokens) {
  const Unwatched scope;
  const dim3 g = config.gridDim;
  const dim3 b = config.blockDim;
  const std::size_t blocks = std::size_t{g.x} * g.y * g.z;
  gridDim = g;
  blockDim = b;
  std::mt19937 random(seed);
  std::vector<std::size_t> order(seed != 0 ? blocks : 0);
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::shuffle(order.begin(), order.end(), random);
  for (std::size_t i = 0; i < blocks; ++i) {
    const std::size_t n = seed != 0 ? order[i] : i;
    blockIdx = {static_cast<unsigned>(n % g.x), static_cast<unsigned>(n / g.x % g.y),
                static_cast<unsigned>(n / g.x / g.y)};
    poison_shared(config.dynamicSmemBytes);
    happens_before(&tokens.begun);
    if (observer.block_begins != nullptr) observer.block_begins(kernel.function, config.dynamicSmemBytes);
    block.run(kernel.thread, b.x * b.y * b.z, seed != 0 ? &random : nullptr, tokens);
    if (observer.block_ends != nullptr) observer.block_ends();
  }
  happens_after(&tokens.finished);
}

}  // namespace emulation
