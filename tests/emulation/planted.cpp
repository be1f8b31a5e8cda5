// SPDX-License-Identifier: MIT

// Kernels with one mistake each.

#include "tests/emulation/support.hpp"

namespace {

__global__ void divergent(float* x) {
  if (threadIdx.x < 40) __syncthreads();
  x[threadIdx.x] = 1;
}
__global__ void one_line(float* x) {
  // clang-format off
  if (threadIdx.x % 2 == 0) { __syncthreads(); } else { __syncthreads(); }
  // clang-format on
  x[threadIdx.x] = 1;
}
__global__ void half_a_warp(float* x, unsigned mask) {
  if (threadIdx.x < 16) x[threadIdx.x] = __shfl_down_sync(mask, 1.0f, 1);
}
__global__ void fill(float* x, int n) {
  const int i = static_cast<int>(blockIdx.x * blockDim.x + threadIdx.x);
  if (i < n) x[i] = 1;
}
__global__ void uninitialised_shared(float* x) {
  __shared__ float s[32];
  x[threadIdx.x] = s[threadIdx.x];
}
__global__ void add_one(float* y, const float* x) { y[threadIdx.x] = x[threadIdx.x] + 1; }
__global__ void throwing(float* x) {
  if (threadIdx.x == 3) throw 1;
  x[threadIdx.x] = 1;
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(planted, Clean)

BOOST_AUTO_TEST_CASE(a_divergent_barrier_is_named) {
  Floats x(64);
  const cudaError_t status = run(divergent, 1, 64, x.data());
  BOOST_TEST(status == cudaErrorLaunchFailure);
  BOOST_TEST(says(status, "planted.cpp:"));
  BOOST_TEST(says(status, "thread (40,0,0) of block (0,0,0) has returned"));
}

BOOST_AUTO_TEST_CASE(two_barriers_of_one_line_are_two) {
  Floats x(64);
  const cudaError_t status = run(one_line, 1, 64, x.data());
  BOOST_TEST(says(status, "divergent barrier"));
}

BOOST_AUTO_TEST_CASE(a_warp_must_agree_on_its_mask) {
  Floats x(32);
  BOOST_TEST(run(half_a_warp, 1, 32, x.data(), 0x0000ffffu) == cudaSuccess);
  BOOST_TEST(run(half_a_warp, 1, 32, x.data(), ~0u) == cudaErrorLaunchFailure);
  emulation::reset();
  BOOST_TEST(says(run(half_a_warp, 1, 32, x.data(), 0xffff0000u), "its own lane is not in the mask"));
}

BOOST_AUTO_TEST_CASE(a_write_out_of_bounds_is_found) {
  const auto overrun = [] {
    float* x = nullptr;
    cudaMalloc(&x, 100 * sizeof(float));
    if (launch_on(nullptr, fill, 1, 128, x, 101) != cudaSuccess) return cudaErrorInvalidValue;
    return cudaFree(x);
  };
#if defined(__SANITIZE_ADDRESS__)
  BOOST_TEST(dies(overrun));  // at the line of the kernel
#else
  BOOST_TEST(says(overrun(), "wrote beyond the end"));
#endif
}

BOOST_AUTO_TEST_CASE(what_nobody_wrote_is_not_a_number) {
  Floats x(32);
  Floats y(32);
  BOOST_TEST(any_nan(x.host()));
  BOOST_TEST(run(add_one, 1, 32, y.data(), static_cast<const float*>(x.data())) == cudaSuccess);
  BOOST_TEST(any_nan(y.host()));
  BOOST_TEST(run(uninitialised_shared, 1, 32, x.data()) == cudaSuccess);
  BOOST_TEST(any_nan(x.host()));
}

BOOST_AUTO_TEST_CASE(a_host_pointer_is_refused) {
  float host[32];
  BOOST_TEST(says(run(fill, 1, 32, &host[0], 32), "a host pointer where a device pointer belongs"));
  BOOST_TEST(says(cudaMemset(host, 0, sizeof host), "a host pointer where a device pointer belongs"));
}

BOOST_AUTO_TEST_CASE(the_host_cannot_touch_a_devices_memory) {
  Floats x(32);
  BOOST_TEST(dies([&] { *const_cast<volatile float*>(x.data()) = 1; }));
}

BOOST_AUTO_TEST_CASE(use_after_free_is_refused) {
  float* x = nullptr;
  cudaMalloc(&x, 128);
  BOOST_TEST(cudaFree(x) == cudaSuccess);
  BOOST_TEST(says(run(fill, 1, 32, x, 32), "no live allocation"));
  BOOST_TEST(says(cudaFree(x), "not the start of a live device allocation"));
}

BOOST_AUTO_TEST_CASE(a_device_that_failed_does_nothing_more) {
  Floats x(64);
  BOOST_TEST(run(throwing, 1, 64, x.data()) == cudaErrorLaunchFailure);
  BOOST_TEST(run(fill, 1, 64, x.data(), 64) == cudaErrorLaunchFailure);
  emulation::reset();
  BOOST_TEST(run(fill, 1, 64, x.data(), 64) == cudaSuccess);
  BOOST_TEST((x.host() == std::vector<float>(64, 1)));
}

BOOST_AUTO_TEST_CASE(a_launch_that_no_device_could_run_is_refused) {
  Floats x(64);
  BOOST_TEST(run(fill, 1, 2048, x.data(), 64) == cudaErrorInvalidConfiguration);
  BOOST_TEST(run(fill, 0, 32, x.data(), 64) == cudaErrorInvalidConfiguration);
  BOOST_TEST(run(fill, dim3(1, 70000), 32, x.data(), 64) == cudaErrorInvalidConfiguration);
  BOOST_TEST(run(fill, 1, 64, x.data(), 64) == cudaSuccess);
}

BOOST_AUTO_TEST_SUITE_END()
