// SPDX-License-Identifier: MIT
#include "common/backend/cuda/probe.hpp"

#include "common/backend/cuda/check.hpp"
#include "common/backend/cuda/device.hpp"

namespace cnn::cuda {
namespace {

__global__ void nothing() {}

}  // namespace

bool has_kernels() {
  const DeviceScope scope(0);
  cudaLaunchConfig_t config{};
  config.gridDim = dim3(1);
  config.blockDim = dim3(1);
  config.stream = compute_stream(0);
  const cudaError_t status = cudaLaunchKernelEx(&config, nothing);
  if (status == cudaErrorNoKernelImageForDevice) {
    cudaGetLastError();
    return false;
  }
  check(status, "cudaLaunchKernelEx");
  return true;
}

}  // namespace cnn::cuda
