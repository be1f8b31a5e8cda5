// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include "common/backend/cuda/device.hpp"
#include "common/backend/kernel_choice.hpp"

namespace cnn::test {

/// \return names of the kernels, without those that the first device lacks
inline std::vector<std::string> kernels_of_the_device() {
  std::vector<std::string> names = cuda_kernel_names();
  if (cuda::device_count() > 0 && cuda::device_info(0).capability < 80) std::erase(names, "tf32");
  return names;
}

/// A kernel of the ladder for the life of a scope.
class KernelScope {
 public:
  /// \param name  one of cuda_kernel_names(), or "auto"
  explicit KernelScope(const std::string& name) : former_(cuda_kernel()) { use_cuda_kernel(name); }
  ~KernelScope() { use_cuda_kernel(former_); }
  KernelScope(const KernelScope&) = delete;
  KernelScope& operator=(const KernelScope&) = delete;

 private:
  std::string former_;
};

}  // namespace cnn::test
