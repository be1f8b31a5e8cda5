// SPDX-License-Identifier: MIT
#include "common/train/version.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "common/backend/backend.hpp"
#include "common/backend/kernel_choice.hpp"
#include "common/backend/openblas.hpp"
#include "common/backend/why_no_cuda.hpp"
#include "common/core/device_memory.hpp"
#include "common/core/process_memory.hpp"

namespace cnn {
namespace {

std::string cpu_name() {
  const std::string info = system_file("/proc/cpuinfo");
  const std::size_t line = info.find("model name");
  if (line == std::string::npos) return "unknown";
  const std::size_t name = info.find(':', line) + 2;
  return info.substr(name, info.find('\n', name) - name);
}

std::string cuda_state() {
  const NoCuda no = why_no_cuda();
  if (!no.reason.empty()) return no.reason;
  const int count = device_memory::device_count();
  return fmt::format("{} device{}{}", count, count == 1 ? "" : "s",
                     device_memory::is_emulated(0) ? ", emulated" : "");
}

}  // namespace

std::vector<std::pair<std::string, std::string>> version_fields() {
  const bool blas = backend_for(default_device()).name() == "xtensor";  // no other rung needs it
  std::string rungs;
  for (const std::string& name : backend_names()) rungs += (rungs.empty() ? "" : ", ") + name;
  return {{"version", CNN_VERSION},
          {"compiler", fmt::format("{} {}",
#if defined(__clang__)
                                   "clang",
#else
                                   "g++",
#endif
                                   __VERSION__)},
          {"xtensor", CNN_XTENSOR_VERSION},
          {"blas", blas ? openblas_version() : "not loaded"},
          {"blas kernel", blas ? openblas_kernel() : "not loaded"},
          {"json", fmt::format("{}.{}.{}", NLOHMANN_JSON_VERSION_MAJOR, NLOHMANN_JSON_VERSION_MINOR,
                               NLOHMANN_JSON_VERSION_PATCH)},
          {"fmt", fmt::format("{}.{}.{}", FMT_VERSION / 10000, FMT_VERSION / 100 % 100, FMT_VERSION % 100)},
          {"cpu", cpu_name()},
          {"simd level", simd_level()},
          {"cuda", cuda_state()},
          {"rungs", rungs}};
}

std::string version_text() {
  std::string text = "CNNs from scratch in C++\n";
  for (const auto& [name, value] : version_fields()) text += fmt::format("{:<12} {}\n", name, value);
  text.pop_back();
  return text;
}

std::string rung_description() {
  const std::string name = backend_for(default_device()).name();
  if (name == "simd") return fmt::format("{} ({})", name, simd_level());
  if (name == "cuda") return fmt::format("{} ({})", name, cuda_kernel());
  if (name != "xtensor") return name;
  return fmt::format("{} {} ({}, {})", name, CNN_XTENSOR_VERSION, openblas_version(), openblas_kernel());
}

}  // namespace cnn
