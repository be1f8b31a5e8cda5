// SPDX-License-Identifier: MIT
#pragma once

#include <cuda_runtime.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <cmath>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <emulation/control.hpp>
#include <string>
#include <vector>

/// Every case leaves the emulated machine as it found it.
struct Clean {
  Clean() { emulation::reset_counters(); }
  ~Clean() { emulation::reset(); }
};

/// Floats on the device.
class Floats {
 public:
  explicit Floats(std::size_t count) : count_(count) {
    BOOST_REQUIRE_EQUAL(cudaMalloc(&data_, count * sizeof(float)), cudaSuccess);
  }
  ~Floats() { cudaFree(data_); }
  Floats(const Floats&) = delete;
  Floats& operator=(const Floats&) = delete;
  float* data() const { return data_; }
  std::size_t bytes() const { return count_ * sizeof(float); }
  std::vector<float> host() const {
    std::vector<float> values(count_);
    cudaMemcpy(values.data(), data_, bytes(), cudaMemcpyDefault);
    return values;
  }

 private:
  float* data_ = nullptr;
  std::size_t count_;
};

/// Page-locked floats of the host.
struct Locked {
  explicit Locked(std::size_t size, float value = 0) {
    void* p = nullptr;
    BOOST_REQUIRE_EQUAL(cudaHostAlloc(&p, size * sizeof(float), cudaHostAllocDefault), cudaSuccess);
    data = static_cast<float*>(p);
    std::fill_n(data, size, value);
  }
  ~Locked() { cudaFreeHost(data); }
  Locked(const Locked&) = delete;
  Locked& operator=(const Locked&) = delete;
  float* data;
};

/// Queues a kernel. \return status
template <typename... Params, typename... Args>
cudaError_t launch_on(cudaStream_t stream, void (*kernel)(Params...), dim3 grid, dim3 block, Args... args) {
  cudaLaunchConfig_t config{};
  config.gridDim = grid;
  config.blockDim = block;
  config.stream = stream;
  return cudaLaunchKernelEx(&config, kernel, args...);
}

/// Queues a kernel and waits for it. \return status
template <typename... Params, typename... Args>
cudaError_t run(void (*kernel)(Params...), dim3 grid, dim3 block, Args... args) {
  const cudaError_t status = launch_on(nullptr, kernel, grid, block, args...);
  return status == cudaSuccess ? cudaStreamSynchronize(nullptr) : status;
}

/// \return whether the diagnosis of the last failure has these words
inline bool says(cudaError_t status, const std::string& words) {
  const std::string text = cudaGetErrorString(status);
  BOOST_TEST_INFO("the diagnosis: " << text);
  return text.find(words) != std::string::npos;
}

/// \return whether a process that does this dies
template <typename F>
bool dies(F action) {
  const pid_t child = fork();
  if (child == 0) {
    std::signal(SIGSEGV, SIG_DFL);  // which Boost.Test may have taken
    if (std::freopen("/dev/null", "w", stderr) == nullptr) std::_Exit(0);
    action();
    std::_Exit(0);
  }
  int status = 0;
  waitpid(child, &status, 0);
  return !WIFEXITED(status) || WEXITSTATUS(status) != 0;
}

inline bool any_nan(const std::vector<float>& values) {
  for (float v : values)
    if (std::isnan(v)) return true;
  return false;
}
