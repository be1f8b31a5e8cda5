// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>
#include <utility>

#include "common/core/check.hpp"

namespace cnn::nn {

/// What one forward pass saves for the backward pass after it: put in by save(), taken out once by take().
template <typename T>
class Saved {
 public:
  /// \param value     what to save; takes the place of what was there
  /// \param training  in evaluation mode nothing is saved, and what was there is let go
  void save(T value, bool training) {
    value_.reset();
    if (training) value_ = std::move(value);
  }

  /// \param layer  kind of the layer, for the message
  /// \return       what was saved; afterwards nothing is
  /// \throws StateError  nothing is saved
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
