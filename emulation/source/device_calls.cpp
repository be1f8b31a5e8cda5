// SPDX-License-Identifier: MIT

// Functions of the runtime about devices, errors and launches.

#include <algorithm>
#include <cstring>

#include "device_heap.hpp"
#include "grid.hpp"
#include "runtime.hpp"

namespace emulation {
namespace {

constexpr int toolkit_version = 13000;

void check_exists(const Runtime& r, int device) {
  if (device < 0 || device >= r.device_count)
    throw Failure{cudaErrorInvalidDevice, "there is no device " + std::to_string(device)};
}

/// As if the kernels had been compiled for all that nvcc 13 knows, and for nothing that comes later.
void check_capability(const Runtime& r) {
  constexpr int oldest = 75, newest = 121;
  if (r.capability < oldest || r.capability > newest)
    throw Failure{cudaErrorNoKernelImageForDevice,
                  "no kernel image is available for execution on the device"};
}

void check_launch(Runtime& r, const cudaLaunchConfig_t& config, const void* function) {
  check_capability(r);
  const auto asked = r.shared_limits.find(function);
  const std::size_t limit = asked == r.shared_limits.end() ? shared_without_asking : asked->second;
  if (!is_valid(config) || config.dynamicSmemBytes > limit)
    throw Failure{cudaErrorInvalidConfiguration, "invalid launch configuration"};
}

const char* description(cudaError_t status) {
  switch (status) {
    case cudaSuccess:
      return "no error";
    case cudaErrorInvalidValue:
      return "invalid argument";
    case cudaErrorMemoryAllocation:
      return "out of memory";
    case cudaErrorInvalidConfiguration:
      return "invalid configuration argument";
    case cudaErrorInsufficientDriver:
      return "CUDA driver version is insufficient for CUDA runtime version";
    case cudaErrorDevicesUnavailable:
      return "CUDA-capable device(s) is/are busy or unavailable";
    case cudaErrorNoDevice:
      return "no CUDA-capable device is detected";
    case cudaErrorInvalidDevice:
      return "invalid device ordinal";
    case cudaErrorNoKernelImageForDevice:
      return "no kernel image is available for execution on the device";
    case cudaErrorInvalidResourceHandle:
      return "invalid resource handle";
    case cudaErrorNotReady:
      return "device not ready";
    case cudaErrorIllegalAddress:
      return "an illegal memory access was encountered";
    case cudaErrorLaunchFailure:
      return "unspecified launch failure";
  }
  return "unrecognized error code";
}

}  // namespace

void translate(void* argument, std::size_t size, bool is_pointer, cudaStream_t stream) {
  Runtime& r = runtime();
  const std::lock_guard lock(r.mutex);
  const int device = stream == nullptr ? current_device() : stream->device;
  for (std::size_t i = 0; i + sizeof(void*) <= size; i += sizeof(void*)) {
    char* p = nullptr;
    std::memcpy(&p, static_cast<char*>(argument) + i, sizeof p);
    if (!device_heap().owns(p) && (!is_pointer || p == nullptr)) continue;
    try {
      p = device_heap().bytes_of(p, 0, device);
    } catch (const std::out_of_range&) {
      if (is_pointer) throw;
      continue;  // what looks like a pointer may be padding of a struct; if it is one and used, that is a fault
    }
    std::memcpy(static_cast<char*>(argument) + i, &p, sizeof p);
  }
}

cudaError_t launch(const cudaLaunchConfig_t& config, const void* function, std::function<void()> thread) {
  return call("cudaLaunchKernelEx", [&](Runtime& r) {
    check_launch(r, config, function);
    ++r.counters.launches;
    Stream& stream = r.stream(config.stream);
    const auto tokens = std::make_shared<LaunchTokens>();
    r.queue(stream, {[&r, &stream, config, kernel = Kernel{function, std::move(thread)}, tokens] {
              try {
                run_grid(config, kernel, stream.block(), r.schedule, *tokens);
              } catch (...) {
                happens_after(&tokens->finished);
                stream.block().abandon();
                throw;
              }
            }});
  });
}

}  // namespace emulation

using emulation::call;
using emulation::Runtime;

const char* cudaGetErrorName(cudaError_t status) {
  return status == cudaSuccess ? "cudaSuccess" : "cudaError";
}
const char* cudaGetErrorString(cudaError_t status) {
  return emulation::last_text(status, emulation::description(status));
}

cudaError_t cudaDriverGetVersion(int* version) {
  *version = emulation::runtime().device_count < 0 ? 0 : emulation::toolkit_version;
  return cudaSuccess;
}
cudaError_t cudaRuntimeGetVersion(int* version) {
  *version = emulation::toolkit_version;
  return cudaSuccess;
}
cudaError_t cudaGetDeviceCount(int* count) {
  *count = 0;
  return call(__func__, [&](Runtime& r) { *count = r.device_count; });
}
cudaError_t cudaGetDevice(int* device) {
  *device = emulation::current_device();
  return cudaSuccess;
}
cudaError_t cudaSetDevice(int device) {
  return call(__func__, [&](Runtime& r) {
    emulation::check_exists(r, device);
    emulation::current_device() = device;
  });
}
cudaError_t cudaGetDeviceProperties(cudaDeviceProp* p, int device) {
  return call(__func__, [&](Runtime& r) {
    emulation::check_exists(r, device);
    *p = {};
    std::strcpy(p->name, "CUDA emulated on the CPU");
    p->totalGlobalMem = r.memory;
    p->sharedMemPerBlock = emulation::shared_without_asking;
    p->sharedMemPerBlockOptin = emulation::shared_at_most;
    p->warpSize = warpSize;
    p->maxThreadsPerBlock = 1024;
    p->major = r.capability / 10;
    p->minor = r.capability % 10;
    p->multiProcessorCount = 4;
  });
}
cudaError_t cudaDeviceGetAttribute(int* value, cudaDeviceAttr attribute, int device) {
  cudaDeviceProp p{};
  const cudaError_t status = cudaGetDeviceProperties(&p, device);
  switch (attribute) {
    case cudaDevAttrMaxThreadsPerBlock:
      *value = p.maxThreadsPerBlock;
      break;
    case cudaDevAttrMultiProcessorCount:
      *value = p.multiProcessorCount;
      break;
    case cudaDevAttrComputeCapabilityMajor:
      *value = p.major;
      break;
    case cudaDevAttrComputeCapabilityMinor:
      *value = p.minor;
      break;
    case cudaDevAttrMaxSharedMemoryPerBlockOptin:
      *value = static_cast<int>(p.sharedMemPerBlockOptin);
      break;
  }
  return status;
}
cudaError_t cudaDeviceSynchronize() {
  return call(__func__, [](Runtime& r) {
    ++r.counters.device_waits;
    r.drain_device(emulation::current_device());
  });
}
cudaError_t cudaFuncSetAttribute(const void* function, cudaFuncAttribute, int value) {
  return call(__func__, [&](Runtime& r) {
    if (value < 0 || static_cast<std::size_t>(value) > emulation::shared_at_most)
      throw std::invalid_argument("more shared memory than the device has");
    r.shared_limits[function] = static_cast<std::size_t>(value);
  });
}
