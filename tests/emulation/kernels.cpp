// SPDX-License-Identifier: MIT

// What right kernels do with a block's means.

#include <cublas_v2.h>
#include <cuda_pipeline.h>

#include "tests/emulation/support.hpp"

namespace {

__global__ void warp_means(float* sum, unsigned* odd, int* rotated) {
  const auto lane = static_cast<int>(threadIdx.x % 32);
  auto value = static_cast<float>(lane);
  for (unsigned delta = 16; delta > 0; delta /= 2) value += __shfl_down_sync(~0u, value, delta);
  if (lane == 0) sum[threadIdx.x / 32] = value;
  const unsigned bits = __ballot_sync(~0u, lane % 2);
  if (lane == 5) odd[threadIdx.x / 32] = bits;
  rotated[threadIdx.x] = __shfl_sync(~0u, lane, (lane + 1) % 32);
}

__global__ void count(int* total) { atomicAdd(total, 1); }

__global__ void indices(int* seen) {
  const unsigned block = blockIdx.x + gridDim.x * (blockIdx.y + gridDim.y * blockIdx.z);
  const unsigned thread = threadIdx.x + blockDim.x * (threadIdx.y + blockDim.y * threadIdx.z);
  ++seen[block * blockDim.x * blockDim.y * blockDim.z + thread];
}

__global__ void dynamic(float* x) {
  auto* s = static_cast<float*>(emulation::dynamic_shared());
  s[threadIdx.x] = static_cast<float>(threadIdx.x);
  __syncthreads();
  x[blockDim.x * blockIdx.x + threadIdx.x] = s[blockDim.x - 1 - threadIdx.x];
}

/// Two batches of four floats a thread; `early` is read before its wait, `late` after it.
__global__ void pipelined(float* early, float* late, const float* x) {
  __shared__ __align__(16) float s[2][128];
  const unsigned at = 4 * threadIdx.x;
  for (int batch = 0; batch < 2; ++batch) {
    __pipeline_memcpy_async(&s[batch][at], &x[128 * batch + at], 16, batch == 1 ? 4 : 0);
    __pipeline_commit();
  }
  __pipeline_wait_prior(1);
  for (unsigned i = 0; i < 4; ++i) {
    late[at + i] = s[0][at + i];
    early[at + i] = s[1][at + i];
  }
  __pipeline_wait_prior(0);
  for (unsigned i = 0; i < 4; ++i) late[128 + at + i] = s[1][at + i];
}

template <typename T>
std::vector<T> download(const T* device, std::size_t count) {
  std::vector<T> host(count);
  cudaMemcpy(host.data(), device, count * sizeof(T), cudaMemcpyDefault);
  return host;
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(kernels, Clean)

BOOST_AUTO_TEST_CASE(a_warp_exchanges_values_and_votes) {
  Floats sum(2);
  unsigned* odd = nullptr;
  int* rotated = nullptr;
  cudaMalloc(&odd, 8);
  cudaMalloc(&rotated, 256);
  for (unsigned seed = 0; seed < 3; ++seed) {
    emulation::set_schedule(seed);
    BOOST_TEST(run(warp_means, 1, 64, sum.data(), odd, rotated) == cudaSuccess);
    BOOST_TEST((sum.host() == std::vector<float>{496, 496}));
    BOOST_TEST(download(odd, 2)[1] == 0xaaaaaaaau);
    BOOST_TEST(download(rotated, 64)[63] == 0);
    BOOST_TEST(download(rotated, 64)[40] == 9);
  }
  cudaFree(odd);
  cudaFree(rotated);
}

BOOST_AUTO_TEST_CASE(atomics_miss_nothing) {
  int* total = nullptr;
  cudaMalloc(&total, 4);
  cudaMemset(total, 0, 4);
  BOOST_TEST(run(count, 7, 96, total) == cudaSuccess);
  BOOST_TEST(download(total, 1)[0] == 672);
  cudaFree(total);
}

BOOST_AUTO_TEST_CASE(every_thread_of_every_block_runs_once) {
  int* seen = nullptr;
  cudaMalloc(&seen, 4 * 24 * 30);
  for (unsigned seed = 0; seed < 3; ++seed) {
    emulation::set_schedule(seed);
    cudaMemset(seen, 0, 4 * 24 * 30);
    BOOST_TEST(run(indices, dim3(2, 3, 4), dim3(5, 3, 2), seen) == cudaSuccess);
    BOOST_TEST((download(seen, 720) == std::vector<int>(720, 1)));
  }
  cudaFree(seen);
}

BOOST_AUTO_TEST_CASE(more_shared_memory_must_be_asked_for) {
  Floats x(192);
  cudaLaunchConfig_t config{};
  config.gridDim = 3;
  config.blockDim = 64;
  config.dynamicSmemBytes = 64 << 10;
  BOOST_TEST(cudaLaunchKernelEx(&config, dynamic, x.data()) == cudaErrorInvalidConfiguration);
  BOOST_TEST(cudaFuncSetAttribute(dynamic, cudaFuncAttributeMaxDynamicSharedMemorySize, 1 << 20) ==
             cudaErrorInvalidValue);
  BOOST_TEST(cudaFuncSetAttribute(dynamic, cudaFuncAttributeMaxDynamicSharedMemorySize, 64 << 10) ==
             cudaSuccess);
  BOOST_TEST(cudaLaunchKernelEx(&config, dynamic, x.data()) == cudaSuccess);
  BOOST_TEST(x.host()[64] == 63);
}

BOOST_AUTO_TEST_CASE(asynchronous_copies_land_at_their_wait) {
  std::vector<float> host(256);
  for (std::size_t i = 0; i < host.size(); ++i) host[i] = static_cast<float>(i + 1);
  Floats x(256);
  Floats early(128);
  Floats late(256);
  cudaMemcpy(x.data(), host.data(), x.bytes(), cudaMemcpyDefault);
  const float* from = x.data();
  BOOST_TEST(run(pipelined, 1, 32, early.data(), late.data(), from) == cudaSuccess);
  for (std::size_t i = 128; i < host.size(); ++i)
    if (i % 4 == 3) host[i] = 0;  // the last four bytes were to be zero
  BOOST_TEST((late.host() == host));
  for (float v : early.host()) BOOST_TEST(std::isnan(v));
}

BOOST_AUTO_TEST_CASE(blas_multiplies_columns_and_checks_its_matrices) {
  const std::vector<float> a{1, 2, 3, 4, 5, 6};  // [2, 3] by rows: [3, 2] by columns
  const std::vector<float> b{1, 0, 0, 1, 1, 1};  // [3, 2] by rows
  Floats x(6);
  Floats w(6);
  Floats y(4);
  cudaMemcpy(x.data(), a.data(), 24, cudaMemcpyDefault);
  cudaMemcpy(w.data(), b.data(), 24, cudaMemcpyDefault);
  cublasHandle_t handle = nullptr;
  cublasCreate(&handle);
  const float one = 1;
  const float zero = 0;
  BOOST_TEST(cublasSgemm(handle, CUBLAS_OP_N, CUBLAS_OP_N, 2, 2, 3, &one, w.data(), 2, x.data(), 3, &zero,
                         y.data(), 2) == CUBLAS_STATUS_SUCCESS);
  BOOST_TEST((y.host() == std::vector<float>{4, 5, 10, 11}));
  BOOST_TEST(cublasSgemm(handle, CUBLAS_OP_N, CUBLAS_OP_N, 2, 3, 3, &one, w.data(), 2, x.data(), 3, &zero,
                         y.data(), 2) != CUBLAS_STATUS_SUCCESS);
  cublasDestroy(handle);
}

BOOST_AUTO_TEST_SUITE_END()
