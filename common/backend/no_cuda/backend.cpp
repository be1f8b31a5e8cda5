// SPDX-License-Identifier: MIT

// The arithmetic seam, answered with "this build has no CUDA".

#include "common/backend/backend.hpp"
#include "common/backend/why_no_cuda.hpp"

namespace cnn {

std::unique_ptr<Backend> make_cuda_backend() { return nullptr; }

NoCuda why_no_cuda() {
  return {false, "this build has no CUDA",
          "take the one that NVIDIA's nvcc makes (./cnn run 5.5 --build cuda --backend cuda)"};
}

}  // namespace cnn
