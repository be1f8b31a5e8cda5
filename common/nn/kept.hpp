// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>
#include <utility>

#include "common/core/check.hpp"

namespace cnn::nn {

/// What one forward pass keeps for the backward pass after it: put in by keep(), taken out once by take().
template <typename T>
class Kept {
 public:
  /// \param value     what to keep; takes the place of what was there
  /// \param training  in evaluation mode nothing is kept, and what was there is let go
  void keep(T value, bool training) {
    value_.reset();
    if (training) value_ = std::move(value);
  }

  /// \param layer  kind of the layer, for the message
  /// \return       what was kept; afterwards nothing is
  /// \throws StateError  nothing is kept
  T take(const std::string& layer) {
    CNN_CHECK(value_.has_value(), StateError,
              "[" + layer +
                  "] backward() has no forward() to go back through; call forward() in training mode before "
                  "each backward()");
    T value = std::move(*value_);
    value_.reset();
    return value;
  }

 private:
  std::optional<T> value_;
};

}  // namespace cnn::nn
