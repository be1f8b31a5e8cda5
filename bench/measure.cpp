// SPDX-License-Identifier: MIT
#include "bench/measure.hpp"

#include <algorithm>
#include <chrono>
#include <fstream>
#include <string>
#include <vector>

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
  std::sort(times.begin(), times.end());
  const std::size_t half = times.size() / 2;
  const double median = times.size() % 2 == 1 ? times[half] : (times[half - 1] + times[half]) / 2;
  return {.median = median, .fastest = times.front(), .steps = static_cast<Index>(times.size())};
}

Index peak_memory() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("VmHWM:")) return std::stoll(line.substr(6)) * 1024;
  }
  return 0;
}

}  // namespace cnn::bench
