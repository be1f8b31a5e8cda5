// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cstdlib>
#include <vector>

#include "common/backend/backend.hpp"
#include "common/backend/simd/kernels.hpp"
#include "common/backend/simd/unfused.hpp"
#include "common/core/check.hpp"

namespace cnn {
namespace {

struct Level {
  std::string name;
  const simd::Kernels* kernels;
  const simd::UnfusedKernels* unfused;
};

//! [levels]
/// What this build has and this CPU can run, slowest first.
std::vector<Level> levels() {
  using namespace simd;
  std::vector<Level> all;
  all.push_back({"portable", &portable_kernels(), &portable_unfused_kernels()});
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
    all.push_back({"avx2", &avx2_kernels(), &avx2_unfused_kernels()});
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512cd") &&
      __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw") &&
      __builtin_cpu_supports("avx512vl"))
    all.push_back({"avx512", &avx512_kernels(), &avx512_unfused_kernels()});
#endif
  return all;
}
//! [levels]

Level find_level(const std::string& name) {
  const std::vector<Level> all = levels();
  const auto found = std::find_if(all.begin(), all.end(), [&](const Level& l) { return l.name == name; });
  if (found != all.end()) return *found;
  std::string present;
  for (const Level& level : all) present += (present.empty() ? "" : ", ") + level.name;
  CNN_CHECK(name == "avx2" || name == "avx512", UsageError,
            "[simd] there is no instruction set '" + name + "'; this CPU has " + present);
  throw DeviceError("[simd] this CPU cannot run '" + name + "'; it has " + present);
}

/// At first the one named by CNN_SIMD, else the best.
Level& active_level() {
  static Level level = [] {
    const char* const wanted = std::getenv("CNN_SIMD");
    return wanted != nullptr && *wanted != '\0' ? find_level(wanted) : levels().back();
  }();
  return level;
}

}  // namespace

std::vector<std::string> simd_level_names() {
  std::vector<std::string> names;
  for (const Level& level : levels()) names.push_back(level.name);
  return names;
}

void use_simd_level(const std::string& name) { active_level() = find_level(name); }

std::string simd_level() { return active_level().name; }

namespace simd {
const Kernels& kernels() { return *active_level().kernels; }
const UnfusedKernels& unfused_kernels() { return *active_level().unfused; }
}  // namespace simd

}  // namespace cnn
