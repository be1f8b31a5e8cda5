// SPDX-License-Identifier: MIT
#include "common/backend/cuda/blas.hpp"

#include <map>

#include "common/backend/cuda/check.hpp"
#include "common/backend/cuda/device.hpp"
#include "common/backend/cuda/quads.hpp"

namespace cnn::cuda {
namespace {

struct Library {
  std::mutex mutex;
  std::map<int, cublasHandle_t> handles;  // by device
};

/// Never closed, as the devices are not.
Library& library() {
  static Library& instance = *new Library;
  return instance;
}

/// To make a handle takes long, hence one for each device.
cublasHandle_t handle_of_current_device() {
  cublasHandle_t& handle = library().handles[current_device()];
  if (handle == nullptr) {
    CNN_CUDA_CHECK(cublasCreate(&handle));
    CNN_CUDA_CHECK(cublasSetStream(handle, compute_stream()));
  }
  return handle;
}

}  // namespace

Index Blas::workspace_floats() {
  constexpr Index floats_of_a_mebibyte = 1 << 18;
  return (device_info(current_device()).capability >= 90 ? 32 : 4) * floats_of_a_mebibyte;
}

Blas::Blas(float* workspace) : lock_(library().mutex), handle_(handle_of_current_device()) {
  CNN_CUDA_CHECK(
      cublasSetWorkspace(handle_, workspace, static_cast<std::size_t>(workspace_floats()) * sizeof(float)));
}

// cuBLAS has matrices column by column: what it takes for a matrix is the transposed one of ours, and C^T = B^T A^T.
void Blas::multiply(const Matrices<float>& c, const Matrices<const float>& a, const Matrices<const float>& b,
                    Index m, Index n, Index k, bool adds, Index batch) const {
  const float one = 1, former = adds ? 1.0F : 0.0F;
  const auto operation = [](const Matrices<const float>& x) {
    return x.transposed ? CUBLAS_OP_T : CUBLAS_OP_N;
  };
  CNN_CUDA_CHECK(cublasSgemmStridedBatched(handle_, operation(b), operation(a), to_int32(n), to_int32(m),
                                           to_int32(k), &one, b.data, to_int32(b.row), b.next, a.data,
                                           to_int32(a.row), a.next, &former, c.data, to_int32(c.row), c.next,
                                           to_int32(batch)));
}

}  // namespace cnn::cuda
