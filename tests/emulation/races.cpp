// SPDX-License-Identifier: MIT

// What the thread sanitizer finds, and that it finds nothing in right kernels: these cases need the preset tsan.

#include <mma.h>

#include "tests/emulation/support.hpp"

#if defined(__SANITIZE_THREAD__)

namespace {

int reports = 0;
int expected = 0;

__global__ void reverse(float* x, bool barrier) {
  __shared__ float s[64];
  s[threadIdx.x] = static_cast<float>(threadIdx.x);
  if (barrier) __syncthreads();
  x[64 * blockIdx.x + threadIdx.x] = s[63 - threadIdx.x];
}
__global__ void reuse(float* x) {
  __shared__ float s[64];
  float sum = 0;
  for (int i = 0; i < 4; ++i) {
    s[threadIdx.x] = static_cast<float>(i);
    __syncthreads();
    sum += s[(threadIdx.x + 32) % 64];
  }
  x[threadIdx.x] = sum;
}
__global__ void add_plainly(float* total) { *total += 1; }
__global__ void add_atomically(int* total) { atomicAdd(total, 1); }
__global__ void into_the_next_block(float* x) { x[32 * blockIdx.x + threadIdx.x] = 1; }
__global__ void doubles(float* y, const float* x) { y[threadIdx.x] = 2 * x[threadIdx.x]; }
__global__ void load_matrix(float* x, bool synchronizes) {
  namespace wmma = nvcuda::wmma;
  __shared__ __align__(32) float s[128];
  for (unsigned i = threadIdx.x; i < 128; i += 32) s[i] = 1;
  if (synchronizes) __syncwarp();
  wmma::fragment<wmma::matrix_a, 16, 16, 8, wmma::precision::tf32, wmma::row_major> a;
  wmma::load_matrix_sync(a, s, 8);
  x[threadIdx.x] = a.x[0];
}
__global__ void store_matrix(float* x, bool synchronizes) {
  namespace wmma = nvcuda::wmma;
  __shared__ __align__(32) float s[256];
  wmma::fragment<wmma::accumulator, 16, 16, 8, float> c;
  wmma::fill_fragment(c, 1);
  wmma::store_matrix_sync(s, c, 16, wmma::mem_row_major);
  if (synchronizes) __syncwarp();
  x[threadIdx.x] = s[threadIdx.x];
}

struct Watched : Clean {
  Watched() {
    cudaStreamCreateWithFlags(&copies, cudaStreamNonBlocking);
    cudaStreamCreateWithFlags(&kernels, cudaStreamNonBlocking);
    cudaEventCreate(&event);
  }
  ~Watched() {
    cudaDeviceSynchronize();
    cudaStreamDestroy(copies);
    cudaStreamDestroy(kernels);
    cudaEventDestroy(event);
  }
  /// \return whether there were reports since the case began, which are expected then
  bool race_found() {
    const bool found = reports > before_;
    expected = reports;
    return found;
  }
  cudaStream_t copies = nullptr;
  cudaStream_t kernels = nullptr;
  cudaEvent_t event = nullptr;
  Floats x{256};
  Floats y{256};

 private:
  int before_ = reports;
};

}  // namespace

extern "C" void __tsan_on_report(void*) { ++reports; }
extern "C" const char* __tsan_default_options() { return "exitcode=0"; }

/// At the end of the program, in place of the sanitizer's own exit status: only races that were planted may be found.
struct NoOtherRaces {
  ~NoOtherRaces() {
    if (reports > expected) std::_Exit(1);
  }
};
BOOST_TEST_GLOBAL_FIXTURE(NoOtherRaces);

BOOST_FIXTURE_TEST_SUITE(races, Watched)

BOOST_AUTO_TEST_CASE(right_kernels_have_none) {
  int* total = nullptr;
  cudaMalloc(&total, 4);
  cudaMemset(total, 0, 4);
  run(reverse, 4, 64, x.data(), true);
  run(add_atomically, 4, 64, total);
  cudaFree(total);
  BOOST_TEST(!race_found());
}
BOOST_AUTO_TEST_CASE(a_missing_barrier) {
  run(reverse, 1, 64, x.data(), false);
  BOOST_TEST(race_found());
}
BOOST_AUTO_TEST_CASE(a_buffer_used_again_too_early) {
  run(reuse, 1, 64, x.data());
  BOOST_TEST(race_found());
}
BOOST_AUTO_TEST_CASE(a_missing_atomic) {
  run(add_plainly, 1, 32, x.data());
  BOOST_TEST(race_found());
}
BOOST_AUTO_TEST_CASE(two_blocks_that_write_to_one_place) {
  run(into_the_next_block, 2, 64, x.data());
  BOOST_TEST(race_found());
}
BOOST_AUTO_TEST_CASE(matrices_of_a_warp_that_waits_have_none) {
  run(load_matrix, 1, 32, x.data(), true);
  run(store_matrix, 1, 32, x.data(), true);
  BOOST_TEST(!race_found());
}
BOOST_AUTO_TEST_CASE(a_matrix_that_is_loaded_too_early) {
  run(load_matrix, 1, 32, x.data(), false);
  BOOST_TEST(race_found());
}
BOOST_AUTO_TEST_CASE(a_matrix_that_is_read_too_early) {
  run(store_matrix, 1, 32, x.data(), false);
  BOOST_TEST(race_found());
}
BOOST_AUTO_TEST_CASE(a_missing_event) {
  Locked input(256, 5);
  cudaMemcpyAsync(x.data(), input.data, x.bytes(), cudaMemcpyDefault, copies);
  cudaStreamSynchronize(copies);
  cudaMemcpyAsync(x.data(), input.data, x.bytes(), cudaMemcpyDefault, copies);
  launch_on(kernels, doubles, 1, 32, y.data(), static_cast<const float*>(x.data()));
  cudaStreamSynchronize(kernels);
  cudaStreamSynchronize(copies);
  BOOST_TEST(race_found());
}
BOOST_AUTO_TEST_CASE(an_event_that_is_there) {
  Locked input(256, 5);
  cudaMemcpyAsync(x.data(), input.data, x.bytes(), cudaMemcpyDefault, copies);
  cudaEventRecord(event, copies);
  cudaStreamWaitEvent(kernels, event);
  launch_on(kernels, doubles, 1, 32, y.data(), static_cast<const float*>(x.data()));
  cudaStreamSynchronize(kernels);
  input.data[0] = 6;
  BOOST_TEST(!race_found());
}
BOOST_AUTO_TEST_CASE(a_buffer_refilled_during_its_upload) {
  Locked input(256, 5);
  cudaMemcpyAsync(x.data(), input.data, x.bytes(), cudaMemcpyDefault, copies);
  input.data[0] = 6;
  cudaStreamSynchronize(copies);
  BOOST_TEST(race_found());
}

BOOST_AUTO_TEST_SUITE_END()

#endif
