// SPDX-License-Identifier: MIT
#include "common/backend/cuda/device.hpp"

#include <cstdint>
#include <limits>
#include <map>
#include <mutex>
#include <string>

#include "common/backend/cuda/check.hpp"

namespace cnn::cuda {
namespace {

struct Opened {
  DeviceInfo info;
  cudaStream_t compute = nullptr, uploads = nullptr;
  cudaMemPool_t pool = nullptr;
};

/// \return "13.0"
std::string version_text(int version) {
  return std::to_string(version / 1000) + "." + std::to_string(version % 1000 / 10);
}

DeviceInfo describe(int index) {
  cudaDeviceProp p{};
  CNN_CUDA_CHECK(cudaGetDeviceProperties(&p, index));
  return {p.name, 10 * p.major + p.minor, p.multiProcessorCount, static_cast<int>(p.sharedMemPerBlockOptin)};
}

Opened open(int index) {
  const int count = device_count();
  CNN_CHECK(index >= 0 && index < count, DeviceError,
            "[cuda] there is no device cuda:" + std::to_string(index) + ", " +
                (count == 0 ? why_no_device() : "only " + std::to_string(count)) +
                "; run on the CPU (--backend reference)");
  const DeviceScope scope(index);
  Opened opened{describe(index)};
  CNN_CUDA_CHECK(cudaStreamCreateWithFlags(&opened.compute, cudaStreamNonBlocking));
  CNN_CUDA_CHECK(cudaStreamCreateWithFlags(&opened.uploads, cudaStreamNonBlocking));
  CNN_CUDA_CHECK(cudaDeviceGetDefaultMemPool(&opened.pool, index));
  std::uint64_t keep = std::numeric_limits<std::uint64_t>::max();
  CNN_CUDA_CHECK(cudaMemPoolSetAttribute(opened.pool, cudaMemPoolAttrReleaseThreshold, &keep));
  return opened;
}

/// Opens a device when it is first asked for. Never closed: tensors with static lifetime may outlive everything else.
const Opened& opened(int index) {
  static std::mutex& mutex = *new std::mutex;
  static auto& devices = *new std::map<int, Opened>;
  const std::lock_guard lock(mutex);
  const auto found = devices.find(index);
  return found != devices.end() ? found->second : devices.emplace(index, open(index)).first->second;
}

}  // namespace

int device_count() {
  int count = 0;
  if (cudaGetDeviceCount(&count) != cudaSuccess) {
    cudaGetLastError();
    return 0;
  }
  return count;
}

std::string why_no_device() {
  int count = 0;
  const cudaError_t status = cudaGetDeviceCount(&count);
  cudaGetLastError();
  if (status == cudaSuccess || status == cudaErrorNoDevice) return "the driver finds no CUDA device";
  if (status != cudaErrorInsufficientDriver) return cudaGetErrorString(status);
  int driver = 0, toolkit = 0;  // 1000 major + 10 minor; 0 without a driver
  cudaDriverGetVersion(&driver);
  cudaRuntimeGetVersion(&toolkit);
  if (driver == 0) return "there is no driver for CUDA on this machine";
  return "the driver knows CUDA up to " + version_text(driver) + ", and this build needs " +
         version_text(toolkit);
}

const DeviceInfo& device_info(int index) { return opened(index).info; }

int current_device() {
  int index = 0;
  CNN_CUDA_CHECK(cudaGetDevice(&index));
  return index;
}

cudaStream_t compute_stream(int index) { return opened(index).compute; }

cudaStream_t upload_stream(int index) { return opened(index).uploads; }

cudaMemPool_t memory_pool(int index) { return opened(index).pool; }

cudaStream_t compute_stream() { return compute_stream(current_device()); }

DeviceScope::DeviceScope(int index) : former_(current_device()) {
  if (index != former_) CNN_CUDA_CHECK(cudaSetDevice(index));
}

DeviceScope::~DeviceScope() { cudaSetDevice(former_); }

}  // namespace cnn::cuda
