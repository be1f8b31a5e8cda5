// SPDX-License-Identifier: MIT
#include "common/train/memory.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "common/backend/backend.hpp"
#include "common/core/check.hpp"
#include "common/core/device_memory.hpp"
#include "common/core/process_memory.hpp"
#include "common/core/threads.hpp"
#include "common/ops/softmax.hpp"
#include "common/optim/foretold_memory.hpp"
#include "common/train/peak_memory.hpp"

namespace cnn {
namespace {

/// Addresses that threads take and mostly leave unused: a stack (8 MiB) and an arena of malloc (64 MiB) each, the loader's
/// thread included, and the buffer that OpenBLAS maps for each thread that calls it (128 MiB). OpenBLAS waits for ever where
/// it cannot have it.
Index addresses_of_threads() {
  constexpr Index mib = Index{1} << 20;
  return (thread_count() + 1) * (8 + 64) * mib +
         (backend_for(default_device()).name() == "xtensor" ? thread_count() * 128 * mib : 0);
}

/// Images of the largest batch that the loader will make.
Index largest_batch(const data::DataLoader& loader) {
  return std::min(loader.options().batch_size, loader.image_count());
}

Shape shape_of(Index batch, const data::DataLoader& loader) {
  return {batch, loader.channels(), loader.options().image_size, loader.options().image_size};
}

/// What is held in a memory before training: by the whole process, or by the tensors of a device.
Index held_now(Device device) {
  return device.type == DeviceType::cpu ? process_memory().resident : memory_stats(device).in_use;
}

/// What steps with batches of a size will add to what is held.
Index added(Index batch, nn::Module& model, const optim::Optimizer& optimizer,
            const data::DataLoader& loader) {
  const Shape x = shape_of(batch, loader);
  if (nn::device_of(model).type == DeviceType::cpu) {
    const Index batches = std::min<Index>(1 + static_cast<Index>(data::batches_ahead),
                                          (loader.image_count() + batch - 1) / batch);
    const auto tensors = optim::foretell_memory(model, x, {.optimizer = &optimizer, .batches = batches});
    return tensors.held - tensors.before;
  }
  // The pool of a device leaves no gaps. Two steps have results that have not been read.
  const auto tensors = optim::foretell_memory(model, x, {.optimizer = &optimizer});
  return tensors.in_use - tensors.before + loader.pixel_bytes(batch) +
         2 * storage_bytes(ops::RowResults::bytes_of_row * batch);
}

/// Most of the process's memory that can be had, or of the device's.
std::optional<Index> available(Device device, Index held, Index addresses) {
  if (device.type != DeviceType::cpu) return device_memory::capacity(device.index).free + held;
  const std::optional<Index> more = available_memory(addresses);
  return more ? std::optional(*more + held) : std::nullopt;
}

}  // namespace

MemoryPlan plan_memory(nn::Module& model, const optim::Optimizer& optimizer, const data::DataLoader& loader) {
  const Index batch = largest_batch(loader);
  const Device device = nn::device_of(model);
  const Index held = held_now(device);
  MemoryPlan plan{.step = optim::foretell_memory(model, shape_of(batch, loader),
                                                 {.optimizer = &optimizer, .scratch = false})
                              .in_use,
                  .needed = held + added(batch, model, optimizer, loader),
                  .available = available(device, held, addresses_of_threads()),
                  .device = device};
  plan.peak = std::max(peak_memory(device), plan.needed);
  plan.short_of_addresses = device.type == DeviceType::cpu && plan.available &&
                            plan.needed > *plan.available && plan.needed <= *available(device, held, 0);
  return plan;
}

void check_memory(const MemoryPlan& plan, nn::Module& model, const optim::Optimizer& optimizer,
                  const data::DataLoader& loader) {
  if (!plan.available || plan.needed <= *plan.available) return;
  const Index batch = largest_batch(loader);
  const Index held = held_now(plan.device);
  const Index fits = largest_number(
      batch - 1, [&](Index n) { return held + added(n, model, optimizer, loader) <= *plan.available; });
  throw Error(fmt::format(
      "[memory] training at batch {} needs about {} and {} are available{}; {}", batch,
      memory_text(plan.needed), memory_text(*plan.available),
      plan.device.type == DeviceType::cpu ? "" : " on " + to_string(plan.device),
      fits > 0 ? fmt::format("the largest batch that fits is {0}: --batch-size {0}", fits)
      : plan.short_of_addresses
          ? thread_count() > 1 ? "threads take many addresses: raise `ulimit -v`, or give fewer --threads"
                               : "addresses are short: raise `ulimit -v`"
          : "not even a batch of 1 fits: free memory, or give a smaller --image-size"));
}

Index largest_number(Index most, const std::function<bool(Index)>& holds) {
  Index good = 0;
  Index bad = most + 1;
  while (bad - good > 1) {
    const Index middle = good + (bad - good) / 2;
    (holds(middle) ? good : bad) = middle;
  }
  return good;
}

std::string memory_text(Index bytes) {
  const double mib = static_cast<double>(bytes) / (1 << 20);
  return mib < 1024 ? fmt::format("{:.1f} MiB", mib) : fmt::format("{:.2f} GiB", mib / 1024);
}

}  // namespace cnn
