// SPDX-License-Identifier: MIT
#include "tests/emulation/support.hpp"

namespace {

struct Pool : Clean {
  Pool() {
    cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking);
    cudaDeviceGetDefaultMemPool(&pool, 0);
    cudaMemPoolTrimTo(pool, 0);
    emulation::reset_counters();
  }
  ~Pool() { cudaStreamDestroy(stream); }
  std::uint64_t attribute(cudaMemPoolAttr which) {
    std::uint64_t value = 0;
    BOOST_TEST(cudaMemPoolGetAttribute(pool, which, &value) == cudaSuccess);
    return value;
  }
  void keep(std::uint64_t bytes) {
    BOOST_TEST(cudaMemPoolSetAttribute(pool, cudaMemPoolAttrReleaseThreshold, &bytes) == cudaSuccess);
  }
  float* take(std::size_t bytes) {
    float* p = nullptr;
    BOOST_TEST(cudaMallocAsync(&p, bytes, stream) == cudaSuccess);
    return p;
  }
  cudaStream_t stream = nullptr;
  cudaMemPool_t pool = nullptr;
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(memory, Pool)

BOOST_AUTO_TEST_CASE(the_pool_keeps_what_is_freed_up_to_its_threshold) {
  for (const std::uint64_t threshold : {std::uint64_t{0}, ~std::uint64_t{0}}) {
    keep(threshold);
    emulation::reset_counters();
    for (int step = 0; step < 3; ++step) {
      cudaFreeAsync(take(4096), stream);
      cudaFreeAsync(take(1024), stream);
      cudaStreamSynchronize(stream);
    }
    BOOST_TEST(emulation::counters().pool_growths == (threshold == 0 ? 3 : 1));
    BOOST_TEST(attribute(cudaMemPoolAttrReservedMemCurrent) == (threshold == 0 ? 0u : 4096u));
    BOOST_TEST(attribute(cudaMemPoolAttrUsedMemHigh) == 4096);
    BOOST_TEST(attribute(cudaMemPoolAttrUsedMemCurrent) == 0);
  }
  cudaMemPoolTrimTo(pool, 0);
  BOOST_TEST(attribute(cudaMemPoolAttrReservedMemCurrent) == 0);
  keep(0);
}

BOOST_AUTO_TEST_CASE(a_device_has_as_much_memory_as_it_is_given) {
  std::size_t free = 0;
  std::size_t total = 0;
  cudaMemGetInfo(&free, &total);
  const std::size_t used = total - free;
  emulation::set_memory_limit(used + 8192);
  float* first = take(6000);
  float* second = nullptr;
  BOOST_TEST(cudaMallocAsync(&second, 4000, stream) == cudaErrorMemoryAllocation);
  cudaMemGetInfo(&free, &total);
  BOOST_TEST(free == 2192);
  cudaFreeAsync(first, stream);
  second = take(4000);  // in the order of the stream the first one is free
  cudaFreeAsync(second, stream);
  BOOST_TEST(cudaStreamSynchronize(stream) == cudaSuccess);
  BOOST_TEST(emulation::peak_bytes(0) == used + 6000);
}

BOOST_AUTO_TEST_CASE(memory_of_the_pool_is_poison_each_time) {
  for (int i = 0; i < 2; ++i) {
    float* x = take(64);
    float value = 0;
    cudaMemcpyAsync(&value, x, sizeof value, cudaMemcpyDefault, stream);
    BOOST_TEST(std::isnan(value));
    BOOST_TEST(cudaMemsetAsync(x, 0, 64, stream) == cudaSuccess);
    cudaFreeAsync(x, stream);
    cudaStreamSynchronize(stream);
  }
}

BOOST_AUTO_TEST_CASE(memory_freed_in_order_is_refused_at_once) {
  float* x = take(64);
  cudaFreeAsync(x, stream);
  BOOST_TEST(says(cudaMemsetAsync(x, 0, 64, stream), "no live allocation"));
}

BOOST_AUTO_TEST_CASE(a_device_does_not_reach_the_memory_of_another) {
  emulation::set_device_count(2);
  Floats x(4);
  cudaSetDevice(1);
  Floats y(4);
  BOOST_TEST(says(cudaMemset(x.data(), 0, x.bytes()), "memory of device 0 on device 1"));
  BOOST_TEST(cudaMemset(y.data(), 0, y.bytes()) == cudaSuccess);
}

BOOST_AUTO_TEST_SUITE_END()
