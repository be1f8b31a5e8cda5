// SPDX-License-Identifier: MIT
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "common/data/data_loader.hpp"
#include "common/optim/optimizer.hpp"

namespace cnn {

/// What a training run takes and what it can get, in bytes: of the process's memory or, if the network is on another device, of
/// that device's.
struct MemoryPlan {
  Index step = 0;                  ///< tensors of a step: optim::ForetoldMemory::in_use, without work space
  Index needed = 0;                ///< what is held now and what steps will add
  Index peak = 0;                  ///< expected peak: `needed`, or what there has already been
  std::optional<Index> available;  ///< most that can be had, what is held already included; none if unknown
  bool short_of_addresses =
      false;           ///< whether `needed` would be available but for the addresses that threads take
  Device device = {};  ///< whose memory it is
};

/// Plans the memory of a training run from what is held now and what its tensors will take.
/// \param model      the network
/// \param optimizer  of the network; both are in memory already
/// \param loader     of the training images, which are in memory already
/// \return        the plan
/// \throws ShapeError  the network does not take images of this size
MemoryPlan plan_memory(nn::Module& model, const optim::Optimizer& optimizer, const data::DataLoader& loader);

/// Refuses a run that would not fit into memory.
/// \param plan       what plan_memory() returned
/// \param model      the network
/// \param optimizer  its optimizer
/// \param loader     of the training images
/// \throws Error  it does not fit; the text names the largest batch that does
void check_memory(const MemoryPlan& plan, nn::Module& model, const optim::Optimizer& optimizer,
                  const data::DataLoader& loader);

/// Searches the largest number for which something holds that holds for all smaller ones, too.
/// \param most   largest number that is asked for
/// \param holds  called with 1 ... most
/// \return       the number; 0 if it does not even hold for 1
Index largest_number(Index most, const std::function<bool(Index)>& holds);

/// \param bytes  an amount of memory
/// \return       "512.0 MiB" or "1.51 GiB"
std::string memory_text(Index bytes);

}  // namespace cnn
