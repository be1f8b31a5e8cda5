// SPDX-License-Identifier: MIT

// The arithmetic seam.

#include "common/backend/cuda/cuda_backend.hpp"
#include "common/backend/cuda/device.hpp"

namespace cnn {

std::unique_ptr<Backend> make_cuda_backend() {
  if (cuda::device_count() == 0) return nullptr;
  return std::make_unique<CudaBackend>();
}

}  // namespace cnn
