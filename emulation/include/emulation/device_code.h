// SPDX-License-Identifier: MIT
// What kernels are written with: qualifiers, indices, barriers, warp collectives, atomics, fast mathematics.
#pragma once

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <source_location>
#include <type_traits>

#include "emulation/types.h"

// NOLINTBEGIN: the names are not ours
#define __global__
#define __device__
#define __host__
#define __forceinline__ inline __attribute__((always_inline))
#define __launch_bounds__(...)
#define __grid_constant__
#define __align__(n) alignas(n)
#define __constant__ static
// All shared arrays sit in one section of the program, so that a block can start with every one of them poisoned.
#define __shared__ __attribute__((section("cuda_shared"))) static

inline uint3 threadIdx{}, blockIdx{};
inline dim3 blockDim, gridDim;
inline constexpr int warpSize = 32;

namespace emulation {

/// Where a barrier was called from. (clang 14 has no std::source_location, but the builtins; g++ 12 has no builtin for columns.)
struct Place {
  const char* file;
  unsigned line, column;
  bool operator==(const Place& other) const {
    return line == other.line && column == other.column && std::strcmp(file, other.file) == 0;
  }
};
#if defined(__clang__)
#define EMULATION_CALLER \
  const char *file = __builtin_FILE(), unsigned line = __builtin_LINE(), unsigned column = __builtin_COLUMN()
#define EMULATION_PLACE \
  ::emulation::Place { file, line, column }
#else
#define EMULATION_CALLER std::source_location caller = std::source_location::current()
#define EMULATION_PLACE \
  ::emulation::Place { caller.file_name(), caller.line(), caller.column() }
#endif

enum class Sync { block, warp };

/// Suspends the calling thread until those it waits for have come.
/// \param kind    the whole block, or the lanes of `mask`
/// \param value   what the thread gives to its warp
/// \param source  lane whose value it wants, or -1 for its own
/// \param place   the call
/// \return        the value of lane `source`
std::uint64_t wait(Sync kind, unsigned mask, std::uint64_t value, int source, Place place);
/// As wait() for a warp, where every lane gets a bit from each.
/// \return the bits of the lanes of `mask`
unsigned vote(unsigned mask, bool bit, Place place);
/// \return number of the calling thread in its block
unsigned thread_rank();
/// \return the dynamic shared memory of the block, aligned to 16 bytes
void* dynamic_shared();

template <typename T>
T exchange(unsigned mask, T value, int source, Place place) {
  static_assert(sizeof(T) <= 8 && std::is_trivially_copyable_v<T>);
  std::uint64_t bits = 0;
  std::memcpy(&bits, &value, sizeof value);
  bits = wait(Sync::warp, mask, bits, source, place);
  std::memcpy(&value, &bits, sizeof value);
  return value;
}
inline int lane() { return static_cast<int>(thread_rank() % 32); }
inline int within(int source, int width) {
  return source >= 0 && source / width == lane() / width ? source : lane();
}

template <typename T, typename Op>
T atomically(T* address, Op op) {
  std::atomic_ref<T> cell(*address);
  T old = cell.load(std::memory_order_relaxed);
  while (!cell.compare_exchange_weak(old, op(old), std::memory_order_relaxed)) {
  }
  return old;
}

}  // namespace emulation

inline void __syncthreads(EMULATION_CALLER) {
  emulation::wait(emulation::Sync::block, 0, 0, -1, EMULATION_PLACE);
}
inline void __syncwarp(unsigned mask = ~0u, EMULATION_CALLER) {
  emulation::wait(emulation::Sync::warp, mask, 0, -1, EMULATION_PLACE);
}
inline void __threadfence() {}
inline void __threadfence_block() {}

template <typename T>
T __shfl_sync(unsigned mask, T v, int source, int width = 32, EMULATION_CALLER) {
  return emulation::exchange(mask, v, emulation::lane() / width * width + source % width, EMULATION_PLACE);
}
template <typename T>
T __shfl_down_sync(unsigned mask, T v, unsigned delta, int width = 32, EMULATION_CALLER) {
  const int source = emulation::within(emulation::lane() + static_cast<int>(delta), width);
  return emulation::exchange(mask, v, source, EMULATION_PLACE);
}
template <typename T>
T __shfl_up_sync(unsigned mask, T v, unsigned delta, int width = 32, EMULATION_CALLER) {
  const int source = emulation::within(emulation::lane() - static_cast<int>(delta), width);
  return emulation::exchange(mask, v, source, EMULATION_PLACE);
}
template <typename T>
T __shfl_xor_sync(unsigned mask, T v, int lanes, int width = 32, EMULATION_CALLER) {
  return emulation::exchange(mask, v, emulation::within(emulation::lane() ^ lanes, width), EMULATION_PLACE);
}
inline unsigned __ballot_sync(unsigned mask, int predicate, EMULATION_CALLER) {
  return emulation::vote(mask, predicate != 0, EMULATION_PLACE);
}
inline int __any_sync(unsigned mask, int predicate, EMULATION_CALLER) {
  return emulation::vote(mask, predicate != 0, EMULATION_PLACE) != 0;
}
inline int __all_sync(unsigned mask, int predicate, EMULATION_CALLER) {
  return emulation::vote(mask, predicate == 0, EMULATION_PLACE) == 0;
}

template <typename T>
T atomicAdd(T* p, std::type_identity_t<T> v) {
  return emulation::atomically(p, [v](T old) { return old + v; });
}
template <typename T>
T atomicMax(T* p, std::type_identity_t<T> v) {
  return emulation::atomically(p, [v](T old) { return old < v ? v : old; });
}
template <typename T>
T atomicMin(T* p, std::type_identity_t<T> v) {
  return emulation::atomically(p, [v](T old) { return v < old ? v : old; });
}
template <typename T>
T atomicExch(T* p, std::type_identity_t<T> v) {
  return emulation::atomically(p, [v](T) { return v; });
}
template <typename T>
T atomicCAS(T* p, std::type_identity_t<T> expected, std::type_identity_t<T> v) {
  return emulation::atomically(p, [=](T old) { return old == expected ? v : old; });
}

template <typename T>
T __ldg(const T* p) {
  return *p;
}
inline float rsqrtf(float x) { return 1.0f / std::sqrt(x); }
inline float __expf(float x) { return std::exp(x); }
inline float __logf(float x) { return std::log(x); }
inline float __fdividef(float a, float b) { return a / b; }
inline float __saturatef(float x) { return x > 0.0f ? (x < 1.0f ? x : 1.0f) : 0.0f; }
// These round once each; the emulated build never fuses (-ffp-contract=off).
inline float __fmul_rn(float a, float b) { return a * b; }
inline float __fadd_rn(float a, float b) { return a + b; }
inline float __fsub_rn(float a, float b) { return a - b; }
inline float __fdiv_rn(float a, float b) { return a / b; }
inline float __fsqrt_rn(float a) { return std::sqrt(a); }
inline float __fmaf_rn(float a, float b, float c) { return std::fma(a, b, c); }
inline float __frcp_rn(float a) { return 1.0f / a; }
inline double __dmul_rn(double a, double b) { return a * b; }
inline double __dadd_rn(double a, double b) { return a + b; }
inline double __dsub_rn(double a, double b) { return a - b; }
inline double __ddiv_rn(double a, double b) { return a / b; }
inline double __dsqrt_rn(double a) { return std::sqrt(a); }
inline int __float_as_int(float x) {
  int bits;
  std::memcpy(&bits, &x, sizeof bits);
  return bits;
}
inline unsigned __float_as_uint(float x) { return static_cast<unsigned>(__float_as_int(x)); }
inline float __int_as_float(int bits) {
  float x;
  std::memcpy(&x, &bits, sizeof x);
  return x;
}
inline float __uint_as_float(unsigned bits) { return __int_as_float(static_cast<int>(bits)); }
inline int __popc(unsigned x) { return __builtin_popcount(x); }
inline int __ffs(int x) { return __builtin_ffs(x); }
inline int __clz(int x) { return x == 0 ? 32 : __builtin_clz(static_cast<unsigned>(x)); }
using std::max;
using std::min;
// NOLINTEND
