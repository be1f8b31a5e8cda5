// SPDX-License-Identifier: MIT
#pragma once

#include <functional>
#include <vector>

#include "common/core/shape.hpp"

namespace cnn::bench {

/// How long to measure: after the warm-up until both the number of steps and the time are reached.
struct Effort {
  Index warm_up = 1;   ///< steps before the clock starts: memory is taken, weights are packed
  Index steps = 3;     ///< at least so many
  double seconds = 1;  ///< for at least so long
};

/// What was measured, in seconds.
struct Timing {
  double median;   ///< of the steps
  double fastest;  ///< of the steps
  Index steps;     ///< how many
};

/// \param effort  how long
/// \param step    what to measure
/// \return        its times
Timing measure(const Effort& effort, const std::function<void()>& step);

/// \param values  numbers, in any order
/// \return        the middle one, or the mean of the two in the middle; 0 if there are none
double median(std::vector<double> values);

}  // namespace cnn::bench
