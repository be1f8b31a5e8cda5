// SPDX-License-Identifier: MIT

// Work is done as late as the program's own waits allow, which shows the waits that it lacks.

#include <atomic>

#include "tests/emulation/support.hpp"

namespace {

__global__ void twice(float* y, const float* x) { y[threadIdx.x] = 2 * x[threadIdx.x]; }

/// Two streams and an event.
struct Machine : Clean {
  Machine() {
    cudaStreamCreateWithFlags(&copies, cudaStreamNonBlocking);
    cudaStreamCreateWithFlags(&kernels, cudaStreamNonBlocking);
    cudaEventCreateWithFlags(&event, cudaEventDisableTiming);
  }
  ~Machine() {
    emulation::reset();
    cudaEventDestroy(event);
    cudaStreamDestroy(copies);
    cudaStreamDestroy(kernels);
  }
  void upload() {
    BOOST_TEST(cudaMemcpyAsync(x.data(), input.data, x.bytes(), cudaMemcpyDefault, copies) == cudaSuccess);
  }
  void compute() {
    BOOST_TEST(launch_on(kernels, twice, 1, 32, y.data(), static_cast<const float*>(x.data())) ==
               cudaSuccess);
  }
  cudaStream_t copies = nullptr;
  cudaStream_t kernels = nullptr;
  cudaEvent_t event = nullptr;
  Locked input{32, 5};
  Floats x{32};
  Floats y{32};
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(streams, Machine)

BOOST_AUTO_TEST_CASE(nothing_is_done_before_somebody_waits) {
  std::atomic<int> copied = 0;
  std::atomic<int> computed = 0;
  const auto set = [](void* p) { *static_cast<std::atomic<int>*>(p) = 1; };
  BOOST_TEST(cudaLaunchHostFunc(kernels, set, &computed) == cudaSuccess);
  BOOST_TEST(cudaLaunchHostFunc(copies, set, &copied) == cudaSuccess);
  BOOST_TEST(copied == 0);
  BOOST_TEST(cudaStreamSynchronize(copies) == cudaSuccess);
  BOOST_TEST(copied == 1);
  BOOST_TEST(computed == 0);
  BOOST_TEST(cudaDeviceSynchronize() == cudaSuccess);
  BOOST_TEST(computed == 1);
}

#if !defined(__SANITIZE_THREAD__)  // which says so itself, see races.cpp
BOOST_AUTO_TEST_CASE(a_missing_event_shows) {
  upload();
  compute();
  BOOST_TEST(cudaStreamSynchronize(kernels) == cudaSuccess);
  BOOST_TEST(any_nan(y.host()));
}

BOOST_AUTO_TEST_CASE(memory_that_another_stream_frees_too_early_is_poison) {
  float* early = nullptr;
  cudaMallocAsync(&early, x.bytes(), copies);
  cudaMemcpyAsync(early, input.data, x.bytes(), cudaMemcpyDefault, copies);
  cudaEventRecord(event, copies);
  cudaStreamWaitEvent(kernels, event);
  launch_on(kernels, twice, 1, 32, y.data(), static_cast<const float*>(early));
  cudaFreeAsync(early, copies);
  cudaStreamSynchronize(copies);
#if defined(__SANITIZE_ADDRESS__)
  BOOST_TEST(dies([&] { cudaStreamSynchronize(kernels); }));
#else
  BOOST_TEST(cudaStreamSynchronize(kernels) == cudaSuccess);
  BOOST_TEST(any_nan(y.host()));
#endif
}

BOOST_AUTO_TEST_CASE(a_download_read_too_early_is_poison) {
  upload();
  Locked result(32, 0);
  cudaMemcpyAsync(result.data, x.data(), x.bytes(), cudaMemcpyDefault, copies);
  BOOST_TEST(std::isnan(result.data[0]));
  cudaStreamSynchronize(copies);
  BOOST_TEST(result.data[0] == 5);
}

BOOST_AUTO_TEST_CASE(a_buffer_refilled_during_its_upload_is_found) {
  upload();
  input.data[3] = 6;
  const cudaError_t status = cudaStreamSynchronize(copies);
  BOOST_TEST(status != cudaSuccess);
  BOOST_TEST(says(status, "was written to while its upload was under way"));
}
#endif

BOOST_AUTO_TEST_CASE(an_event_orders_two_streams) {
  upload();
  cudaEventRecord(event, copies);
  cudaStreamWaitEvent(kernels, event);
  compute();
  BOOST_TEST(cudaStreamSynchronize(kernels) == cudaSuccess);
  BOOST_TEST((y.host() == std::vector<float>(32, 10)));
  input.data[3] = 6;  // its upload is done
  BOOST_TEST(cudaDeviceSynchronize() == cudaSuccess);
}

BOOST_AUTO_TEST_CASE(an_event_stands_where_it_was_recorded_last) {
  int done = 0;
  const auto count = [](void* p) { ++*static_cast<int*>(p); };
  cudaEventRecord(event, copies);
  cudaLaunchHostFunc(copies, count, &done);
  cudaEventRecord(event, copies);
  cudaLaunchHostFunc(copies, count, &done);
  BOOST_TEST(cudaEventSynchronize(event) == cudaSuccess);
  BOOST_TEST(done == 1);
}

BOOST_AUTO_TEST_CASE(a_loop_that_asks_ends) {
  upload();
  cudaEventRecord(event, copies);
  int asked = 0;
  while (cudaEventQuery(event) == cudaErrorNotReady) ++asked;
  BOOST_TEST(asked == 2);
  BOOST_TEST(cudaStreamQuery(copies) == cudaSuccess);
}

BOOST_AUTO_TEST_CASE(the_default_stream_takes_turns_with_blocking_ones) {
  cudaStream_t blocking = nullptr;
  cudaStreamCreate(&blocking);
  cudaMemcpyAsync(x.data(), input.data, x.bytes(), cudaMemcpyDefault, blocking);
  launch_on(nullptr, twice, 1, 32, y.data(), static_cast<const float*>(x.data()));
  cudaMemcpyAsync(x.data(), y.data(), x.bytes(), cudaMemcpyDefault, blocking);
  cudaStreamSynchronize(blocking);
  BOOST_TEST((x.host() == std::vector<float>(32, 10)));
  cudaStreamDestroy(blocking);
}

BOOST_AUTO_TEST_CASE(events_tell_the_time_between_them) {
  cudaEvent_t start = nullptr, stop = nullptr;
  cudaEventCreate(&start);
  cudaEventCreate(&stop);
  cudaEventRecord(start, kernels);
  compute();
  cudaEventRecord(stop, kernels);
  float milliseconds = -1;
  BOOST_TEST(cudaEventElapsedTime(&milliseconds, start, stop) == cudaErrorNotReady);
  cudaEventSynchronize(stop);
  BOOST_TEST(cudaEventElapsedTime(&milliseconds, start, stop) == cudaSuccess);
  BOOST_TEST(milliseconds > 0);
  cudaEventDestroy(start);
  cudaEventDestroy(stop);
}

BOOST_AUTO_TEST_CASE(events_without_timing_tell_none) {
  cudaEvent_t timed = nullptr;
  cudaEventCreate(&timed);
  cudaEventRecord(event, kernels);
  cudaEventRecord(timed, kernels);
  cudaEventSynchronize(timed);
  float milliseconds = -1;
  BOOST_TEST(cudaEventElapsedTime(&milliseconds, event, timed) == cudaErrorInvalidResourceHandle);
  BOOST_TEST(cudaEventElapsedTime(&milliseconds, timed, event) == cudaErrorInvalidResourceHandle);
  BOOST_TEST(milliseconds == -1);
  cudaEventDestroy(timed);
}

BOOST_AUTO_TEST_SUITE_END()
