// SPDX-License-Identifier: MIT
#pragma once

#include <cublas_v2.h>
#include <cuda_runtime.h>

#include <string>

#include "common/core/check.hpp"

namespace cnn::cuda {

/// Throws unless a call of the runtime succeeded.
/// \param status  what the call returned
/// \param call    its text
/// \throws DeviceError  with the call and the runtime's own words
inline void check(cudaError_t status, const char* call) {
  if (status == cudaSuccess) return;
  cudaGetLastError();  // the runtime would report it again
  throw DeviceError(std::string("[cuda] ") + cudaGetErrorString(status) + " (" + call + ")");
}

/// Throws unless a call of cuBLAS succeeded.
/// \param status  what the call returned
/// \param call    its text
/// \throws DeviceError  with the call and the library's own words
inline void check(cublasStatus_t status, const char* call) {
  if (status == CUBLAS_STATUS_SUCCESS) return;
  throw DeviceError(std::string("[cuda] ") + cublasGetStatusString(status) + " (" + call + ")");
}

}  // namespace cnn::cuda

/// Every call of the runtime and of cuBLAS goes through this: it throws DeviceError if the call fails.
#define CNN_CUDA_CHECK(call) ::cnn::cuda::check((call), #call)
