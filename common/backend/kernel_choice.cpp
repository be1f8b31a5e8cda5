// SPDX-License-Identifier: MIT
#include "common/backend/kernel_choice.hpp"

#include <array>
#include <atomic>
#include <cstdlib>

#include "common/core/check.hpp"

namespace cnn {
namespace {

struct Named {
  const char* name;
  Kernel kernel;
};

constexpr std::array kernels{
    Named{"auto", Kernel::automatic},      Named{"naive", Kernel::naive},       Named{"tiled", Kernel::tiled},
    Named{"registers", Kernel::registers}, Named{"vectors", Kernel::vectors},   Named{"async", Kernel::async},
    Named{"cublas", Kernel::cublas},       Named{"winograd", Kernel::winograd}, Named{"tf32", Kernel::tf32}};

Kernel kernel_named(const std::string& name, const std::string& origin) {
  std::string known;
  for (const Named& k : kernels) {
    if (name == k.name) return k.kernel;
    known += (known.empty() ? "" : ", ") + std::string(k.name);
  }
  throw UsageError("[cuda] there is no kernel named '" + name + "'" + origin + "; there are " + known);
}

Kernel from_environment() {
  const char* const name = std::getenv("CNN_CUDA_KERNEL");
  return name == nullptr || *name == '\0' ? Kernel::automatic : kernel_named(name, " (CNN_CUDA_KERNEL)");
}

std::atomic<Kernel>& in_use() {
  static std::atomic<Kernel> kernel = from_environment();
  return kernel;
}

}  // namespace

std::vector<std::string> cuda_kernel_names() {
  std::vector<std::string> names;
  for (const Named& k : kernels)
    if (k.kernel != Kernel::automatic) names.emplace_back(k.name);
  return names;
}

void use_cuda_kernel(const std::string& name) {
  const Kernel kernel = kernel_named(name, "");
  in_use() = kernel;
}

std::string cuda_kernel() {
  for (const Named& k : kernels)
    if (k.kernel == in_use()) return k.name;
  return "";
}

Kernel kernel_in_use() { return in_use(); }

}  // namespace cnn
