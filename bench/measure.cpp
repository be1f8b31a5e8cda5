// SPDX-License-Identifier: MIT
#include "bench/measure.hpp"

#include <algorithm>
#include <chrono>
#include <fstream>
#include <string>

namespace cnn::bench {
namespace {

constexpr std::size_t most_steps = 10000;  // of a network that takes no time

double now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

}  // namespace

Timing measure(const Effort& effort, const std::function<void()>& step) {
  for (Index k = 0; k < effort.warm_up; ++k) step();
  std::vector<double> times;
  const double start = now();
  for (double last = start; times.size() < most_steps;) {
    step();
    const double end = now();
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

Index peak_memory() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("VmHWM:")) return std::stoll(line.substr(6)) * 1024;
  }
  return 0;
}

}  // namespace cnn::bench
