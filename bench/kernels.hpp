// SPDX-License-Identifier: MIT
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "bench/layers.hpp"
#include "bench/measure.hpp"
#include "common/core/table.hpp"

namespace cnn::bench {

/// Measures convolutions on the rung cuda with each of its kernels, the waiting for the device included.
class KernelLadder {
 public:
  /// \param effort  how long each is measured
  explicit KernelLadder(const Effort& effort) : effort_(effort) {}

  /// \param emulated  whether a device that computes on the host counts, too
  /// \return          whether there is a device
  static bool has_device(bool emulated);

  /// Measures the three passes of a convolution; the first layer of a network needs no gradient of its input.
  /// \param layer  the convolution
  void measure(const ConvLayer& layer);

  /// \return GFLOP/s of each kernel, and what percentage of cuBLAS `vectors` and the default reach where that is among them
  Table table() const;

  /// \return largest error of `tf32`, and the same percentages over the layers with kernels of 3 x 3, geometric means; each is left out
  /// where the card lacks a kernel
  std::string summary() const;

  /// \return what was measured: an object for each layer, kernels by pass
  const nlohmann::ordered_json& results() const noexcept { return results_; }

 private:
  Effort effort_;
  nlohmann::ordered_json results_ = nlohmann::ordered_json::array();
};

}  // namespace cnn::bench
