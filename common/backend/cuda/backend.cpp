// SPDX-License-Identifier: MIT

// The arithmetic seam.

#include "common/backend/cuda/cuda_backend.hpp"
#include "common/backend/cuda/device.hpp"
#include "common/backend/cuda/probe.hpp"
#include "common/backend/why_no_cuda.hpp"
#include "common/core/check.hpp"

namespace cnn {
namespace {

/// A device for whose capability none of the kernels was compiled.
NoCuda no_kernels_for(const cuda::DeviceInfo& device) {
  constexpr int oldest = 75;  // that nvcc 13 compiles for
  const int major = device.capability / 10, minor = device.capability % 10;
  NoCuda no;
  no.reason = device.name + " has compute capability " + std::to_string(major) + "." + std::to_string(minor) +
              ", for which this build has no kernels";
  no.hint = "build it with -DCMAKE_CUDA_ARCHITECTURES=" + std::to_string(device.capability);
  if (device.capability < oldest)
    no.hint += " and CUDA toolkit 12, which nobody has tried (13 begins at 7.5)";
  return no;
}

}  // namespace

std::unique_ptr<Backend> make_cuda_backend() {
  if (cuda::device_count() == 0) return nullptr;
  return std::make_unique<CudaBackend>();
}

NoCuda why_no_cuda() {
  if (cuda::device_count() == 0)
    return {true, cuda::why_no_device(), "look at what nvidia-smi says (NVIDIA's driver brings it)"};
  try {
    if (!cuda::has_kernels()) return no_kernels_for(cuda::device_info(0));
  } catch (const DeviceError& e) {
    return {true, std::string("the CUDA device does not answer (") + e.what() + ")",
            "look at what nvidia-smi says"};
  }
  return {};
}

}  // namespace cnn
