// SPDX-License-Identifier: MIT
#pragma once

#include "common/backend/operation.hpp"

namespace cnn::simd {

/// Bias and cnn::Epilogue of an operation as its kernels need them: an output becomes max(y + bias[channel], least).
struct Epilogue {
  const float* bias = nullptr;            ///< [oc], or null for none
  float least = cnn::Epilogue{}.least();  ///< 0 for a ReLU

  Epilogue() = default;
  /// \param w  weight, bias and epilogue of an operation
  explicit Epilogue(const ConvWeights& w)
      : bias(w.bias == nullptr ? nullptr : w.bias->data()), least(w.epilogue.least()) {}
};

}  // namespace cnn::simd
