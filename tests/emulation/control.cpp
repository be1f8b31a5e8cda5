// SPDX-License-Identifier: MIT
#include "tests/emulation/support.hpp"

namespace {

__global__ void nothing(float*) {}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(control, Clean)

BOOST_AUTO_TEST_CASE(devices_are_as_many_as_a_test_wants) {
  int count = -1;
  BOOST_TEST(cudaGetDeviceCount(&count) == cudaSuccess);
  BOOST_TEST(count == 1);
  emulation::set_device_count(3);
  cudaGetDeviceCount(&count);
  BOOST_TEST(count == 3);
  emulation::set_device_count(0);
  BOOST_TEST(cudaGetDeviceCount(&count) == cudaErrorNoDevice);
  BOOST_TEST(count == 0);
  emulation::set_device_count(-1);
  BOOST_TEST(says(cudaGetDeviceCount(&count), "driver"));
}

BOOST_AUTO_TEST_CASE(a_card_too_old_runs_no_kernel) {
  Floats x(1);
  emulation::set_capability(61);
  cudaDeviceProp p{};
  cudaGetDeviceProperties(&p, 0);
  BOOST_TEST(p.major == 6);
  BOOST_TEST(p.minor == 1);
  BOOST_TEST(run(nothing, 1, 1, x.data()) == cudaErrorNoKernelImageForDevice);
  emulation::set_capability(75);
  BOOST_TEST(run(nothing, 1, 1, x.data()) == cudaSuccess);
}

BOOST_AUTO_TEST_CASE(any_call_can_fail_once) {
  Floats x(1);
  emulation::fail_call("cudaLaunchKernelEx", 2, cudaErrorIllegalAddress);
  emulation::fail_call("cudaMalloc", 1, cudaErrorMemoryAllocation);
  BOOST_TEST(run(nothing, 1, 1, x.data()) == cudaSuccess);
  BOOST_TEST(run(nothing, 1, 1, x.data()) == cudaErrorIllegalAddress);
  BOOST_TEST(run(nothing, 1, 1, x.data()) == cudaSuccess);
  float* y = nullptr;
  BOOST_TEST(cudaMalloc(&y, 4) == cudaErrorMemoryAllocation);
  BOOST_TEST(cudaGetLastError() == cudaErrorMemoryAllocation);
  BOOST_TEST(cudaGetLastError() == cudaSuccess);
}

BOOST_AUTO_TEST_CASE(a_lost_device_stays_lost) {
  Floats x(1);
  emulation::lose_devices();
  BOOST_TEST(run(nothing, 1, 1, x.data()) == cudaErrorDevicesUnavailable);
  BOOST_TEST(says(cudaDeviceSynchronize(), "the device is lost"));
}

BOOST_AUTO_TEST_CASE(calls_are_counted) {
  Floats x(1);
  emulation::reset_counters();
  for (int i = 0; i < 3; ++i) launch_on(nullptr, nothing, 1, 1, x.data());
  cudaDeviceSynchronize();
  cudaStreamSynchronize(nullptr);
  const emulation::Counters c = emulation::counters();
  BOOST_TEST(c.launches == 3);
  BOOST_TEST(c.device_waits == 1);
  BOOST_TEST(c.stream_waits == 1);
  BOOST_TEST(c.mallocs == 0);
  BOOST_TEST(emulation::calls("cudaLaunchKernelEx") == 3);
  BOOST_TEST(emulation::calls("cudaMalloc") == 0);
}

BOOST_AUTO_TEST_SUITE_END()
