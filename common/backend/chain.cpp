// SPDX-License-Identifier: MIT

// The one place where the rungs are put together: reference <- xtensor <- simd, and cuda beside them.

#include <algorithm>
#include <array>
#include <memory>
#include <mutex>

#include "common/backend/backend.hpp"
#include "common/core/check.hpp"

namespace cnn {
namespace {

struct Chain {
  std::vector<std::unique_ptr<Backend>> rungs;  // slowest first
  Backend* active = nullptr;

  Chain() {
    rungs.push_back(make_reference_backend());
#if defined(CNN_WITH_XTENSOR)
    rungs.push_back(make_xtensor_backend(rungs.back().get()));
#endif
#if defined(CNN_WITH_SIMD)
    rungs.push_back(make_simd_backend(rungs.back().get()));
#endif
    if (auto cuda = make_cuda_backend()) rungs.push_back(std::move(cuda));
    active = rungs.back().get();
  }
};

Chain& chain() {
  static Chain instance;
  return instance;
}

}  // namespace

std::vector<std::string> backend_names() {
  std::vector<std::string> names;
  for (const auto& rung : chain().rungs) names.push_back(rung->name());
  return names;
}

void use_backend(const std::string& name) {
  for (const auto& rung : chain().rungs) {
    if (rung->name() == name) {
      chain().active = rung.get();
      return;
    }
  }
  std::string present;
  for (const std::string& rung : backend_names()) present += (present.empty() ? "" : ", ") + rung;
  constexpr std::array known{"reference", "xtensor", "simd", "cuda"};
  CNN_CHECK(std::find(known.begin(), known.end(), name) != known.end(), UsageError,
            "[backend] there is no rung named '" + name + "'; this build has " + present);
  throw DeviceError("[backend] '" + name + "' is not available: this build or machine lacks it; it has " +
                    present);
}

Backend& active_backend() { return *chain().active; }

#if !defined(CNN_WITH_SIMD)
std::vector<std::string> simd_level_names() { return {}; }

void use_simd_level(const std::string& name) {
  throw DeviceError("[simd] this build has no simd rung, so no instruction set '" + name + "' either");
}

std::string simd_level() { return "none"; }
#endif

}  // namespace cnn
