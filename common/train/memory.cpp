// SPDX-License-Identifier: MIT
#include "common/train/memory.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "common/backend/backend.hpp"
#include "common/core/check.hpp"
#include "common/core/process_memory.hpp"
#include "common/core/threads.hpp"
#include "common/optim/foretold_memory.hpp"

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

/// Tensors of a run with batches of a size.
optim::ForetoldMemory tensors_of(Index batch, nn::Module& model, const optim::Optimizer& optimizer,
                                 const data::DataLoader& loader) {
  const Index side = loader.options().image_size;
  const Index batches = std::min<Index>(1 + static_cast<Index>(data::batches_ahead),
                                        (loader.image_count() + batch - 1) / batch);
  const Shape x{batch, loader.channels(), side, side};
  return optim::foretell_memory(model, x, {.optimizer = &optimizer, .batches = batches});
}

/// What the process holds, and what steps will add to the tensors it has.
Index needed(const optim::ForetoldMemory& tensors, const ProcessMemory& now) {
  return now.resident + tensors.held - tensors.before;
}

}  // namespace

MemoryPlan plan_memory(nn::Module& model, const optim::Optimizer& optimizer, const data::DataLoader& loader) {
  const Index batch = largest_batch(loader);
  const Index side = loader.options().image_size;
  const ProcessMemory now = process_memory();
  MemoryPlan plan{.step = optim::foretell_memory(model, {batch, loader.channels(), side, side},
                                                 {.optimizer = &optimizer, .scratch = false})
                              .in_use,
                  .needed = needed(tensors_of(batch, model, optimizer, loader), now),
                  .peak = 0,
                  .available = available_memory(addresses_of_threads())};
  plan.peak = std::max(now.peak, plan.needed);
  if (plan.available) {
    *plan.available += now.resident;
    plan.short_of_addresses =
        plan.needed > *plan.available && plan.needed <= available_memory(0).value() + now.resident;
  }
  return plan;
}

void check_memory(const MemoryPlan& plan, nn::Module& model, const optim::Optimizer& optimizer,
                  const data::DataLoader& loader) {
  if (!plan.available || plan.needed <= *plan.available) return;
  const Index batch = largest_batch(loader);
  const ProcessMemory now = process_memory();
  const Index fits = largest_number(batch - 1, [&](Index n) {
    return needed(tensors_of(n, model, optimizer, loader), now) <= *plan.available;
  });
  throw Error(fmt::format(
      "[memory] training at batch {} needs about {} and {} are available; {}", batch,
      memory_text(plan.needed), memory_text(*plan.available),
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
