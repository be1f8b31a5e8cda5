// SPDX-License-Identifier: MIT
#pragma once

#include "common/backend/backend.hpp"

namespace cnn::simd {

/// What happens to each output on its way to memory, while it is in a register: it becomes max(y + bias[channel], least).
struct Epilogue {
  const float* bias = nullptr;        ///< [oc], or null for none
  float least = least_output(false);  ///< 0 for a ReLU

  Epilogue() = default;
  /// \param w  bias and ReLU of an operation
  explicit Epilogue(const ConvWeights& w)
      : bias(w.bias == nullptr ? nullptr : w.bias->data()), least(least_output(w.relu)) {}
};

}  // namespace cnn::simd
