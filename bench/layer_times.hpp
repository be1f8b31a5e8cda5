// SPDX-License-Identifier: MIT
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "common/nn/container.hpp"

namespace cnn::bench {

/// Where the time of one layer went.
struct LayerTime {
  std::string name;             ///< "conv.0"; empty where a layer has none
  std::string kind;             ///< "Conv2d"
  Shape shape;                  ///< of the output
  std::vector<double> forward;  ///< seconds of each pass
  std::vector<double> backward;
};

/// Puts a clock into each layer of a network, for good.
/// \param model  the network
/// \return       the times, in the order of the layers, which every pass from now on adds to
std::vector<std::shared_ptr<LayerTime>> time_layers(nn::Container& model);

}  // namespace cnn::bench
