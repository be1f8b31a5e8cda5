// SPDX-License-Identifier: MIT
#include "common/train/layer_watch.hpp"

#include <algorithm>
#include <cmath>
#include <string>

#include "common/train/trainer.hpp"

namespace cnn {
namespace {

constexpr std::size_t bins = 64;  // from -4 to 4; the outer ones hold what lies beyond, too
constexpr double lowest = -4, bins_in_one = 8;

/// The standard deviation of each output over the images, mean over the outputs.
double spread_between_images(const Tensor& y) {
  const Index n = y.shape()[0], outputs = y.size() / n;
  const auto values = y.values();
  double sum = 0;
  for (Index k = 0; k < outputs; ++k) {
    double mean = 0, squares = 0;
    for (Index i = 0; i < n; ++i) mean += values[static_cast<std::size_t>(i * outputs + k)];
    mean /= static_cast<double>(n);
    for (Index i = 0; i < n; ++i) {
      const double difference = values[static_cast<std::size_t>(i * outputs + k)] - mean;
      squares += difference * difference;
    }
    sum += std::sqrt(squares / static_cast<double>(n));
  }
  return sum / static_cast<double>(outputs);
}

/// Of the values of the first channel, [n, 0, ...].
std::vector<Index> histogram_of_first_channel(const Tensor& y) {
  const Index n = y.shape()[0], image = y.size() / n, channel = image / y.shape()[1];
  std::vector<Index> histogram(bins);
  for (Index i = 0; i < n; ++i) {
    for (Index k = 0; k < channel; ++k) {
      const double value = y.values()[static_cast<std::size_t>(i * image + k)];
      const double bin = std::clamp(std::floor((value - lowest) * bins_in_one), 0.0, bins - 1.0);
      ++histogram[static_cast<std::size_t>(bin)];
    }
  }
  return histogram;
}

double sum_of_squares(const Tensor& tensor) {
  double sum = 0;
  for (const double value : tensor.values()) sum += value * value;
  return sum;
}

/// The name without its last part, if that is the given one: "conv.0" of "conv.0.output" and ".output".
std::optional<std::string> without(const std::string& name, const std::string& end) {
  if (!name.ends_with(end)) return std::nullopt;
  return name.substr(0, name.size() - end.size());
}

}  // namespace

std::vector<io::LayerRecord> measure_layers(const io::NamedTensors& tensors) {
  std::vector<io::LayerRecord> layers;
  for (const auto& [name, tensor] : tensors) {
    if (const auto layer = without(name, ".output")) {
      layers.push_back({.layer = *layer,
                        .spread = spread_between_images(tensor),
                        .histogram = histogram_of_first_channel(tensor)});
    } else if (const auto parameter = without(name, ".grad")) {
      const std::string owner = parameter->substr(0, parameter->rfind('.'));
      const auto found =
          std::find_if(layers.begin(), layers.end(), [&](auto& l) { return l.layer == owner; });
      if (found != layers.end())
        found->gradient = std::hypot(found->gradient, std::sqrt(sum_of_squares(tensor)));
    }
  }
  return layers;
}

void LayerWatch::on_step_start(Trainer& trainer) {
  const Index step = trainer.position().total_steps + 1;
  if (step == 1 || step % every_ == 0) dump_.emplace(trainer.model());
}

void LayerWatch::on_settled(Trainer& trainer) {
  if (!dump_) return;
  std::vector<io::LayerRecord> layers = measure_layers(dump_->tensors());
  dump_.reset();
  for (io::LayerRecord& layer : layers) {
    layer.epoch = trainer.position().epoch;
    layer.step = trainer.position().step;
  }
  use_(layers);
}

}  // namespace cnn
