// SPDX-License-Identifier: MIT
#include "bench/rungs.hpp"

#include "common/backend/backend.hpp"

namespace cnn::bench {

std::vector<Rung> rungs() {
  std::vector<Rung> all;
  for (const std::string& backend : backend_names()) {
    const BackendScope scope(backend);
    if (default_device() != Device{}) continue;
    if (backend != "simd") {
      all.push_back({backend});
      continue;
    }
    for (const std::string& level : simd_level_names()) all.push_back({backend, level});
  }
  return all;
}

void use(const Rung& rung) {
  use_backend(rung.backend);
  if (!rung.level.empty()) use_simd_level(rung.level);
}

}  // namespace cnn::bench
