// SPDX-License-Identifier: MIT

// The one place where the backends are put together: reference <- xtensor <- simd on the CPU, and cuda beside them.

#include <algorithm>
#include <array>
#include <memory>
#include <mutex>
#include <optional>

#include "common/backend/in_pieces.hpp"
#include "common/backend/why_no_cuda.hpp"
#include "common/core/check.hpp"
#include "common/core/device_memory.hpp"

namespace cnn {
namespace {

struct Chain {
  std::vector<std::unique_ptr<Backend>> plain;  // what the rungs below do, slowest first
  std::vector<std::unique_ptr<Backend>> rungs;  // of the CPU, slowest first
  Backend* rung = nullptr;                      // the one in use
  std::unique_ptr<Backend> plain_cuda = make_cuda_backend();
  std::unique_ptr<Backend> cuda;  // null without a device
  std::unique_ptr<Backend> plain_meta = make_meta_backend();
  InPieces meta{*plain_meta};
  std::optional<Device> default_device;  // unset until it is named or asked for: looking at a card takes time

  Chain() {
    add(make_reference_backend(), Fuses::relu);
#if defined(CNN_WITH_XTENSOR)
    add(make_xtensor_backend(*plain.back()), Fuses::relu);
#endif
#if defined(CNN_WITH_SIMD)
    add(make_simd_backend(*plain.back()), Fuses::prologue);
#endif
    rung = rungs.back().get();
    if (plain_cuda) cuda = std::make_unique<InPieces>(*plain_cuda, Fuses::all);
  }

  void add(std::unique_ptr<Backend> next, Fuses fuses) {
    plain.push_back(std::move(next));
    rungs.push_back(std::make_unique<InPieces>(*plain.back(), fuses));
  }
};

Chain& chain() {
  static Chain instance;
  return instance;
}

}  // namespace

Backend& backend_for(Device device) {
  if (device.type == DeviceType::cpu) return *chain().rung;
  if (device.type == DeviceType::meta) return chain().meta;
  CNN_CHECK(chain().cuda != nullptr, DeviceError,
            "[backend] nothing in this build or machine computes on " + to_string(device));
  return *chain().cuda;
}

std::vector<std::string> backend_names() {
  std::vector<std::string> names;
  for (const auto& rung : chain().rungs) names.push_back(rung->name());
  if (chain().cuda) names.push_back(chain().cuda->name());
  return names;
}

void use_backend(const std::string& name) {
  if (name == "cuda") {
    const NoCuda no = why_no_cuda();
    CNN_CHECK(no.reason.empty(), DeviceError,
              "[cuda] " + no.reason + "; " + no.hint + ", or run on the CPU (--backend " +
                  chain().rungs.back()->name() + ")");
    chain().default_device = {DeviceType::cuda};
    return;
  }
  for (const auto& rung : chain().rungs) {
    if (rung->name() == name) {
      chain().rung = rung.get();
      chain().default_device = Device{};
      return;
    }
  }
  std::string present;
  for (const std::string& backend : backend_names()) present += (present.empty() ? "" : ", ") + backend;
  constexpr std::array known{"reference", "xtensor", "simd", "cuda"};
  CNN_CHECK(std::find(known.begin(), known.end(), name) != known.end(), UsageError,
            "[backend] there is no rung named '" + name + "'; this build has " + present);
  throw DeviceError("[backend] '" + name + "' is not available: this build or machine lacks it; it has " +
                    present);
}

Device default_device() {
  static std::mutex mutex;
  const std::lock_guard lock(mutex);
  Chain& c = chain();
  if (!c.default_device) {
    const bool real = c.cuda && !device_memory::is_emulated(0) && why_no_cuda().reason.empty();
    c.default_device = Device{real ? DeviceType::cuda : DeviceType::cpu};
  }
  return *c.default_device;
}

BackendScope::BackendScope(const std::string& name)
    : former_rung_(chain().rung), former_device_(default_device()) {
  use_backend(name);
}

BackendScope::~BackendScope() {
  chain().rung = former_rung_;
  chain().default_device = former_device_;
}

#if !defined(CNN_WITH_SIMD)
std::vector<std::string> simd_level_names() { return {}; }

void use_simd_level(const std::string& name) {
  throw DeviceError("[simd] this build has no simd rung, so no instruction set '" + name + "' either");
}

std::string simd_level() { return "none"; }
#endif

}  // namespace cnn
