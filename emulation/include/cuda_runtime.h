// SPDX-License-Identifier: MIT
// CUDA on the CPU: a stand-in for the toolkit's <cuda_runtime.h>, for machines without a GPU.
// Put this folder on the include path instead of the toolkit's, compile the .cu files as C++, and
// every kernel runs on the host: one fiber per CUDA thread, one block after the other.
#pragma once
#include <atomic>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <functional>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>

#define __global__
#define __device__
#define __host__
#define __forceinline__ inline __attribute__((always_inline))
#define __launch_bounds__(...)
#define __grid_constant__
#define __grid_constant__
#define __constant__ static
// All shared arrays sit in one linker section, so that a block can start with every one of them poisoned.
#define __shared__ __attribute__((section("cuda_shared"))) static

struct uint3 {
  unsigned x, y, z;
};
struct dim3 {
  unsigned x, y, z;
  constexpr dim3(unsigned x_ = 1, unsigned y_ = 1, unsigned z_ = 1) : x(x_), y(y_), z(z_) {}
  constexpr dim3(uint3 v) : x(v.x), y(v.y), z(v.z) {}
};
inline uint3 threadIdx{}, blockIdx{};
inline dim3 blockDim, gridDim;
inline constexpr int warpSize = 32;

struct alignas(8) float2 {
  float x, y;
};
struct float3 {
  float x, y, z;
};
struct alignas(16) float4 {
  float x, y, z, w;
};
struct alignas(8) int2 {
  int x, y;
};
struct alignas(16) int4 {
  int x, y, z, w;
};
struct alignas(4) uchar4 {
  unsigned char x, y, z, w;
};
inline float2 make_float2(float x, float y) { return {x, y}; }
inline float4 make_float4(float x, float y, float z, float w) { return {x, y, z, w}; }
inline int2 make_int2(int x, int y) { return {x, y}; }
inline int4 make_int4(int x, int y, int z, int w) { return {x, y, z, w}; }

enum cudaError_t : int {
  cudaSuccess = 0,
  cudaErrorInvalidValue = 1,
  cudaErrorMemoryAllocation = 2,
  cudaErrorInvalidConfiguration = 9,
  cudaErrorNoDevice = 100,
  cudaErrorInvalidDevice = 101,
  cudaErrorIllegalAddress = 700,
  cudaErrorLaunchFailure = 719,
};
enum cudaMemcpyKind {
  cudaMemcpyHostToHost,
  cudaMemcpyHostToDevice,
  cudaMemcpyDeviceToHost,
  cudaMemcpyDeviceToDevice,
  cudaMemcpyDefault
};
using cudaStream_t = struct CUstream_st*;
using cudaEvent_t = struct CUevent_st*;
struct cudaLaunchAttribute {};
struct cudaLaunchConfig_t {
  dim3 gridDim, blockDim;
  size_t dynamicSmemBytes = 0;
  cudaStream_t stream = nullptr;
  cudaLaunchAttribute* attrs = nullptr;
  unsigned numAttrs = 0;
};
struct cudaDeviceProp {
  char name[256];
  size_t totalGlobalMem, sharedMemPerBlock, sharedMemPerBlockOptin;
  int warpSize, maxThreadsPerBlock, major, minor, multiProcessorCount;
};

namespace emulation {
// Order in which the threads of a block, and the blocks of a grid, run: 0 = ascending, otherwise a shuffle.
void set_schedule(unsigned seed);
bool is_device_pointer(const void* p);
void* host_view(const void* device_pointer, size_t bytes);      // throws unless inside one live allocation
void translate(void* argument, size_t bytes, bool is_pointer);  // device addresses inside a kernel argument
cudaError_t run(const cudaLaunchConfig_t& config, const std::function<void()>& kernel);
cudaError_t fail(cudaError_t code, const std::string& text);
enum class Sync { block, warp };
struct Place {
  const char* file;
  int line;
};
uint64_t wait(Sync kind, unsigned mask, uint64_t value, int source_lane, Place here);
unsigned thread_rank();
void* dynamic_shared();
}  // namespace emulation

// ---- device side: barriers, warp collectives, atomics, fast maths --------------------------------
// Where a barrier was called from. (std::source_location is still unknown to clang-tidy 14.)
#define EMU_HERE const char *file = __builtin_FILE(), int line = __builtin_LINE()
#define EMU_PLACE \
  emulation::Place { file, line }
inline void __syncthreads(EMU_HERE) { emulation::wait(emulation::Sync::block, 0, 0, 0, EMU_PLACE); }
inline void __syncwarp(unsigned mask = ~0u, EMU_HERE) {
  emulation::wait(emulation::Sync::warp, mask, 0, -1, EMU_PLACE);
}
inline void __threadfence() {}
inline void __threadfence_block() {}

namespace emulation {
template <typename T>
T exchange(unsigned mask, T value, int source, Place here) {
  static_assert(sizeof(T) <= 8 && std::is_trivially_copyable_v<T>);
  uint64_t bits = 0;
  std::memcpy(&bits, &value, sizeof value);
  bits = wait(Sync::warp, mask, bits, source, here);
  std::memcpy(&value, &bits, sizeof value);
  return value;
}
inline int lane() { return static_cast<int>(thread_rank() % 32); }
inline int within(int source, int width) {
  return source / width == lane() / width && source >= 0 ? source : lane();
}
}  // namespace emulation

template <typename T>
T __shfl_sync(unsigned mask, T v, int source, int width = 32, EMU_HERE) {
  return emulation::exchange(mask, v, emulation::lane() / width * width + source % width, EMU_PLACE);
}
template <typename T>
T __shfl_down_sync(unsigned mask, T v, unsigned delta, int width = 32, EMU_HERE) {
  return emulation::exchange(mask, v, emulation::within(emulation::lane() + static_cast<int>(delta), width),
                             EMU_PLACE);
}
template <typename T>
T __shfl_up_sync(unsigned mask, T v, unsigned delta, int width = 32, EMU_HERE) {
  return emulation::exchange(mask, v, emulation::within(emulation::lane() - static_cast<int>(delta), width),
                             EMU_PLACE);
}
template <typename T>
T __shfl_xor_sync(unsigned mask, T v, int lanes, int width = 32, EMU_HERE) {
  return emulation::exchange(mask, v, emulation::within(emulation::lane() ^ lanes, width), EMU_PLACE);
}

template <typename T, typename Op>
T emulated_atomic(T* address, Op op) {
  std::atomic_ref<T> cell(*address);
  T old = cell.load(std::memory_order_relaxed);
  while (!cell.compare_exchange_weak(old, op(old), std::memory_order_relaxed)) {
  }
  return old;
}
template <typename T>
T atomicAdd(T* p, std::type_identity_t<T> v) {
  return emulated_atomic(p, [v](T old) { return old + v; });
}
template <typename T>
T atomicMax(T* p, std::type_identity_t<T> v) {
  return emulated_atomic(p, [v](T old) { return old < v ? v : old; });
}
template <typename T>
T atomicMin(T* p, std::type_identity_t<T> v) {
  return emulated_atomic(p, [v](T old) { return v < old ? v : old; });
}
template <typename T>
T atomicExch(T* p, std::type_identity_t<T> v) {
  return emulated_atomic(p, [v](T) { return v; });
}
template <typename T>
T atomicCAS(T* p, std::type_identity_t<T> expected, std::type_identity_t<T> v) {
  return emulated_atomic(p, [=](T old) { return old == expected ? v : old; });
}
template <typename T>
T __ldg(const T* p) {
  return *p;
}
inline float rsqrtf(float x) { return 1.0f / std::sqrt(x); }
inline float __expf(float x) { return std::exp(x); }
inline float __logf(float x) { return std::log(x); }
inline float __fdividef(float a, float b) { return a / b; }
inline float __fmul_rn(float a, float b) { return a * b; }
inline float __fadd_rn(float a, float b) { return a + b; }
inline float __fsub_rn(float a, float b) { return a - b; }
inline float __fdiv_rn(float a, float b) { return a / b; }
inline float __fsqrt_rn(float a) { return std::sqrt(a); }
inline float __fmaf_rn(float a, float b, float c) { return std::fma(a, b, c); }
inline double __dmul_rn(double a, double b) { return a * b; }
inline double __dadd_rn(double a, double b) { return a + b; }
inline int __float_as_int(float x) {
  int bits;
  std::memcpy(&bits, &x, sizeof bits);
  return bits;
}
inline float __int_as_float(int bits) {
  float x;
  std::memcpy(&x, &bits, sizeof x);
  return x;
}
inline int __popc(unsigned x) { return __builtin_popcount(x); }
inline int __clz(int x) { return x == 0 ? 32 : __builtin_clz(static_cast<unsigned>(x)); }
inline int __ffs(int x) { return __builtin_ffs(x); }
using std::max;
using std::min;

// ---- host side: launches, memory, streams, events ----------------------------------------------
template <typename... Params, typename... Args>
cudaError_t cudaLaunchKernelEx(const cudaLaunchConfig_t* config, void (*kernel)(Params...), Args&&... args) {
  std::tuple<std::decay_t<Params>...> values(
      static_cast<Params>(std::forward<Args>(args))...);  // by value, as on the device
  try {
    std::apply(
        [](auto&... value) {
          (emulation::translate(&value, sizeof value,
                                std::is_pointer_v<std::remove_reference_t<decltype(value)>>),
           ...);
        },
        values);
  } catch (const std::exception& e) {
    return emulation::fail(cudaErrorIllegalAddress, e.what());
  }
  return emulation::run(*config, [&] { std::apply(kernel, values); });
}
cudaError_t cudaGetLastError();
cudaError_t cudaPeekAtLastError();
const char* cudaGetErrorName(cudaError_t);
const char* cudaGetErrorString(cudaError_t);  // in emulation: the full diagnosis of the last failure
cudaError_t cudaGetDeviceCount(int* count);
cudaError_t cudaGetDeviceProperties(cudaDeviceProp* properties, int device);
cudaError_t cudaMalloc(void** pointer, size_t bytes);
cudaError_t cudaFree(void* pointer);
cudaError_t cudaMemcpy(void* to, const void* from, size_t bytes, cudaMemcpyKind kind);
cudaError_t cudaMemset(void* pointer, int byte, size_t bytes);
template <typename T>
cudaError_t cudaMalloc(T** pointer, size_t bytes) {
  return cudaMalloc(reinterpret_cast<void**>(pointer), bytes);
}
inline cudaError_t cudaMemcpyAsync(void* to, const void* from, size_t n, cudaMemcpyKind kind,
                                   cudaStream_t = nullptr) {
  return cudaMemcpy(to, from, n, kind);
}
inline cudaError_t cudaMemsetAsync(void* p, int byte, size_t n, cudaStream_t = nullptr) {
  return cudaMemset(p, byte, n);
}
inline cudaError_t cudaSetDevice(int device) {
  return device == 0 ? cudaSuccess : emulation::fail(cudaErrorInvalidDevice, "no such device");
}
inline cudaError_t cudaDeviceSynchronize() { return cudaPeekAtLastError(); }
inline cudaError_t cudaStreamCreate(cudaStream_t* s) {
  *s = reinterpret_cast<cudaStream_t>(new char);
  return cudaSuccess;
}
inline cudaError_t cudaStreamDestroy(cudaStream_t s) {
  delete reinterpret_cast<char*>(s);
  return cudaSuccess;
}
inline cudaError_t cudaStreamSynchronize(cudaStream_t) { return cudaPeekAtLastError(); }
enum cudaFuncAttribute { cudaFuncAttributeMaxDynamicSharedMemorySize = 8 };
enum : unsigned {
  cudaStreamDefault = 0,
  cudaStreamNonBlocking = 1,
  cudaEventDisableTiming = 2,
  cudaHostAllocDefault = 0
};
inline cudaError_t cudaGetDevice(int* device) {
  *device = 0;
  return cudaSuccess;
}
inline cudaError_t cudaFuncSetAttribute(const void*, cudaFuncAttribute, int) { return cudaSuccess; }
inline cudaError_t cudaStreamCreateWithFlags(cudaStream_t* s, unsigned) { return cudaStreamCreate(s); }

enum cudaMemPoolAttr {
  cudaMemPoolAttrReleaseThreshold = 4,
  cudaMemPoolAttrReservedMemCurrent = 5,
  cudaMemPoolAttrUsedMemCurrent = 7
};
using cudaMemPool_t = struct CUmemPoolHandle_st*;
inline cudaError_t cudaMallocAsync(void** pointer, size_t bytes, cudaStream_t) {
  return cudaMalloc(pointer, bytes);
}
inline cudaError_t cudaMallocFromPoolAsync(void** pointer, size_t bytes, cudaMemPool_t, cudaStream_t) {
  return cudaMalloc(pointer, bytes);
}
inline cudaError_t cudaFreeAsync(void* pointer, cudaStream_t) { return cudaFree(pointer); }
inline cudaError_t cudaHostAlloc(void** pointer, size_t bytes, unsigned) {
  *pointer = ::operator new(bytes);
  return cudaSuccess;
}
inline cudaError_t cudaFreeHost(void* pointer) {
  ::operator delete(pointer);
  return cudaSuccess;
}
inline cudaError_t cudaMemcpy2DAsync(void* to, size_t to_pitch, const void* from, size_t from_pitch,
                                     size_t bytes, size_t rows, cudaMemcpyKind kind, cudaStream_t) {
  for (size_t row = 0; row < rows; ++row) {
    if (auto e = cudaMemcpy(static_cast<char*>(to) + row * to_pitch,
                            static_cast<const char*>(from) + row * from_pitch, bytes, kind);
        e != cudaSuccess)
      return e;
  }
  return cudaSuccess;
}
inline cudaError_t cudaMemGetInfo(size_t* free, size_t* total) {
  *free = *total = size_t{1} << 30;
  return cudaSuccess;
}
inline cudaError_t cudaDeviceGetDefaultMemPool(cudaMemPool_t* pool, int) {
  *pool = nullptr;
  return cudaSuccess;
}
inline cudaError_t cudaMemPoolSetAttribute(cudaMemPool_t, cudaMemPoolAttr, void*) { return cudaSuccess; }
inline cudaError_t cudaMemPoolGetAttribute(cudaMemPool_t, cudaMemPoolAttr, void* value) {
  std::memset(value, 0, 8);
  return cudaSuccess;
}
inline cudaError_t cudaMemPoolTrimTo(cudaMemPool_t, size_t) { return cudaSuccess; }
cudaError_t cudaEventCreate(cudaEvent_t* event);
cudaError_t cudaEventDestroy(cudaEvent_t event);
cudaError_t cudaEventRecord(cudaEvent_t event, cudaStream_t stream = nullptr);
inline cudaError_t cudaEventSynchronize(cudaEvent_t) { return cudaSuccess; }
cudaError_t cudaEventElapsedTime(float* milliseconds, cudaEvent_t start, cudaEvent_t stop);
