// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include "common/backend/kernel_choice.hpp"

namespace cnn::test {

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
