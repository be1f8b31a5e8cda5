// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>

#include "common/core/shape.hpp"

namespace cnn {

/// \param scores   one a class
/// \param classes  how many, at least 1
/// \return         class with the largest score; of equal ones the first; the first NaN wins over all, as in PyTorch
template <typename T>
Index argmax(const T* scores, Index classes) {
  Index winner = 0;
  for (Index j = 1; j < classes && !std::isnan(scores[winner]); ++j) {
    if (scores[j] > scores[winner] || std::isnan(scores[j])) winner = j;
  }
  return winner;
}

}  // namespace cnn
