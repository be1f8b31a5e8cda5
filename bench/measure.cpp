// SPDX-License-Identifier: MIT
#include "bench/measure.hpp"

#include <algorithm>

#include "common/core/clock.hpp"

namespace cnn::bench {
namespace {

constexpr std::size_t most_steps = 10000;  // of a network that takes no time

}  // namespace

Timing measure(const Effort& effort, const std::function<void()>& step) {
  for (Index k = 0; k < effort.warm_up; ++k) step();
  std::vector<double> times;
  const double start = seconds_now();
  for (double last = start; times.size() < most_steps;) {
    step();
    const double end = seconds_now();
    times.push_back(end - last);
    last = end;
    if (static_cast<Index>(times.size()) >= effort.steps && end - start >= effort.seconds) break;
  }
  return {.median = median(times),
          .fastest = *std::min_element(times.begin(), times.end()),
          .steps = static_cast<Index>(times.size())};
}

double median(std::vector<double> values) {
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  const std::size_t half = values.size() / 2;
  return values.size() % 2 == 1 ? values[half] : (values[half - 1] + values[half]) / 2;
}

}  // namespace cnn::bench
