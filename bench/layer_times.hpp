// SPDX-License-Identifier: MIT
#pragma once

#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "common/core/table.hpp"
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

/// \param times  such as time_layers() returns
/// \return       an array with the medians of each layer
nlohmann::ordered_json layers_as_json(const std::vector<std::shared_ptr<LayerTime>>& times);

/// \param layers  such as layers_as_json() returns
/// \param step    what a training step takes, in seconds
/// \return        where that time goes
Table layer_table(const nlohmann::ordered_json& layers, double step);

}  // namespace cnn::bench
