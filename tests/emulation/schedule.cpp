// SPDX-License-Identifier: MIT

// One warp runs ahead of the others as far as the barriers let it, which shows the barriers that lack.

#include "tests/emulation/support.hpp"

#if !defined(__SANITIZE_THREAD__)  // which says so itself, see races.cpp

namespace {

__global__ void reverse_without_barrier(float* x) {
  __shared__ float s[64];
  s[threadIdx.x] = static_cast<float>(threadIdx.x);
  x[threadIdx.x] = s[63 - threadIdx.x];
}
__global__ void reverse(float* x) {
  __shared__ float s[64];
  s[threadIdx.x] = static_cast<float>(threadIdx.x);
  __syncthreads();
  x[threadIdx.x] = s[63 - threadIdx.x];
}
__global__ void reuse_without_barrier(float* x) {
  __shared__ float s[64];
  float sum = 0;
  for (int i = 0; i < 4; ++i) {
    s[threadIdx.x] = static_cast<float>(i);
    __syncthreads();
    sum += s[(threadIdx.x + 32) % 64];
  }
  x[threadIdx.x] = sum;
}
}  // namespace

BOOST_FIXTURE_TEST_SUITE(schedule, Clean)

BOOST_AUTO_TEST_CASE(a_missing_barrier_shows_in_every_order) {
  Floats x(64);
  for (unsigned seed = 0; seed < 5; ++seed) {
    emulation::set_schedule(seed);
    BOOST_TEST(run(reverse_without_barrier, 1, 64, x.data()) == cudaSuccess);
    BOOST_TEST(any_nan(x.host()));
    BOOST_TEST(run(reverse, 1, 64, x.data()) == cudaSuccess);
    BOOST_TEST(x.host()[0] == 63);
    BOOST_TEST(!any_nan(x.host()));
  }
}

BOOST_AUTO_TEST_CASE(a_buffer_used_again_too_early_shows_in_every_order) {
  Floats x(64);
  for (unsigned seed = 0; seed < 5; ++seed) {
    emulation::set_schedule(seed);
    BOOST_TEST(run(reuse_without_barrier, 1, 64, x.data()) == cudaSuccess);
    BOOST_TEST((x.host() != std::vector<float>(64, 6)));
  }
}

BOOST_AUTO_TEST_SUITE_END()

#endif
