// SPDX-License-Identifier: MIT
#include "bench/kernels.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "bench/work.hpp"
#include "common/backend/backend.hpp"
#include "common/backend/kernel_choice.hpp"
#include "common/core/check.hpp"
#include "common/core/device_memory.hpp"

namespace cnn::bench {
namespace {

using nlohmann::ordered_json;

const Device device{DeviceType::cuda};

std::vector<std::string> kernels() {
  std::vector<std::string> names = cuda_kernel_names();
  names.emplace_back("auto");
  return names;
}

/// GFLOP/s of a pass, or null where the card lacks the kernel or the memory.
ordered_json rate_of(const Work& work, const std::string& kernel, const Effort& effort) {
  use_cuda_kernel(kernel);
  try {
    const double seconds = measure(effort, [&] {
                             work.run();
                             device_memory::synchronize(device.index);
                           }).median;
    return 1e-9 * work.flops / seconds;
  } catch (const DeviceError&) {
    device_memory::synchronize(device.index);  // a device that has failed says so again
    return nullptr;
  }
}

std::vector<Tensor> results_of(const Work& work, const std::string& kernel) {
  use_cuda_kernel(kernel);
  std::vector<Tensor> results = work.results();
  for (Tensor& result : results) result = result.to({});
  return results;
}

/// How far the results of tf32 are from those of naive, as a part of the largest element, or null as above.
ordered_json error_of_tf32(const Work& work) {
  try {
    const std::vector<Tensor> exact = results_of(work, "naive"), rounded = results_of(work, "tf32");
    double error = 0;
    for (std::size_t k = 0; k < exact.size(); ++k) error = std::max(error, difference(rounded[k], exact[k]));
    return error;
  } catch (const DeviceError&) {
    device_memory::synchronize(device.index);
    return nullptr;
  }
}

/// \return how fast a kernel is beside cuBLAS, 1 for as fast; 0 if one of them was not measured
double beside_cublas(const ordered_json& rates, const char* kernel) {
  if (!rates.contains("cublas") || rates["cublas"].is_null() || rates[kernel].is_null()) return 0;
  return rates[kernel].get<double>() / rates["cublas"].get<double>();
}

std::string percent(double part) { return part > 0 ? fmt::format("{:.0f}", 100 * part) : "-"; }

}  // namespace

bool KernelLadder::has_device(bool emulated) {
  return device_memory::device_count() > 0 && (emulated || !device_memory::is_emulated(0));
}

void KernelLadder::measure(const ConvLayer& layer) {
  const BackendScope rung("cuda");
  const std::string former = cuda_kernel();
  ordered_json result{{"convolution", layer.shape.name()},
                      {"networks", layer.networks},
                      {"x", layer.shape.x},
                      {"weight", layer.shape.weight}};
  const std::vector<Work> works = passes(layer.shape, device);
  for (std::size_t k = 0; k < works.size(); ++k) {
    if (k == input_pass && layer.reads_images) continue;
    for (const std::string& kernel : kernels())
      result["gflops"][works[k].name][kernel] = rate_of(works[k], kernel, effort_);
    result["tf32_error"][works[k].name] = error_of_tf32(works[k]);
  }
  use_cuda_kernel(former);
  results_.push_back(result);
}

Table KernelLadder::table() const {
  std::vector<std::string> head{"convolution", "networks", "batch", "pass"};
  for (const std::string& kernel : kernels()) head.push_back(kernel);
  head.insert(head.end(), {"vectors, % of cublas", "auto, %"});
  Table table(head, 2);
  for (const ordered_json& layer : results_)
    for (const auto& [pass, rates] : layer["gflops"].items()) {
      std::vector<std::string> row{
          layer["convolution"],
          fmt::format("{}", fmt::join(layer["networks"].get<std::vector<std::string>>(), " ")),
          std::to_string(layer["x"][0].get<Index>()), pass};
      for (const auto& [kernel, rate] : rates.items())
        row.push_back(rate.is_null() ? "-" : fmt::format("{:.1f}", rate.get<double>()));
      row.push_back(percent(beside_cublas(rates, "vectors")));
      row.push_back(percent(beside_cublas(rates, "auto")));
      table.add(row);
    }
  return table;
}

std::string KernelLadder::summary() const {
  double logarithms[2] = {0, 0}, error = -1;
  int count = 0;
  for (const ordered_json& layer : results_) {
    for (const auto& [pass, of_pass] : layer["tf32_error"].items())
      if (!of_pass.is_null()) error = std::max(error, of_pass.get<double>());
    if (layer["weight"][2] != 3 || layer["weight"][3] != 3) continue;
    for (const auto& [pass, rates] : layer["gflops"].items()) {
      const double vectors = beside_cublas(rates, "vectors"), automatic = beside_cublas(rates, "auto");
      if (vectors <= 0 || automatic <= 0) continue;
      logarithms[0] += std::log(vectors);
      logarithms[1] += std::log(automatic);
      ++count;
    }
  }
  std::vector<std::string> lines;
  if (error >= 0)
    lines.push_back(fmt::format("tf32 is at most {:.0e} of the largest element away from naive.", error));
  if (count > 0)
    lines.push_back(
        fmt::format("3 x 3 layers, geometric mean of {} passes: vectors {:.0f} %, auto {:.0f} % of cuBLAS",
                    count, 100 * std::exp(logarithms[0] / count), 100 * std::exp(logarithms[1] / count)));
  return fmt::format("{}", fmt::join(lines, "\n"));
}

}  // namespace cnn::bench
