// SPDX-License-Identifier: MIT
#include "bench/layer_times.hpp"

#include <fmt/format.h>

#include "bench/measure.hpp"
#include "common/core/clock.hpp"
#include "common/nn/wrapper.hpp"

namespace cnn::bench {
namespace {

class Timed : public nn::Wrapper {
 public:
  Timed(std::shared_ptr<nn::Module> layer, std::shared_ptr<LayerTime> time)
      : Wrapper(std::move(layer)), time_(std::move(time)) {}

  Tensor forward(Tensor x) override {
    const double start = seconds_now();
    Tensor y = Wrapper::forward(std::move(x));
    time_->forward.push_back(seconds_now() - start);
    time_->shape = y.shape();
    return y;
  }

  Tensor backward(Tensor grad_y) override {
    const double start = seconds_now();
    Tensor grad_x = Wrapper::backward(std::move(grad_y));
    time_->backward.push_back(seconds_now() - start);
    return grad_x;
  }

 private:
  std::shared_ptr<LayerTime> time_;
};

}  // namespace

std::vector<std::shared_ptr<LayerTime>> time_layers(nn::Container& model) {
  std::vector<std::shared_ptr<LayerTime>> times;
  model.replace_leaves([&](const std::string& name, std::shared_ptr<nn::Module> layer) {
    times.push_back(std::make_shared<LayerTime>(LayerTime{name, layer->spec().kind, {}, {}, {}}));
    return std::make_shared<Timed>(std::move(layer), times.back());
  });
  return times;
}

nlohmann::ordered_json layers_as_json(const std::vector<std::shared_ptr<LayerTime>>& times) {
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const auto& time : times)
    list.push_back({{"name", time->name},
                    {"kind", time->kind},
                    {"output", time->shape},
                    {"forward_seconds", median(time->forward)},
                    {"backward_seconds", median(time->backward)}});
  return list;
}

Table layer_table(const nlohmann::ordered_json& layers, double step) {
  Table table({"layer", "kind", "output", "forward ms", "backward ms", "% of step"}, 3);
  double rest = step;
  for (const nlohmann::ordered_json& layer : layers) {
    const double forward = layer["forward_seconds"], backward = layer["backward_seconds"];
    rest -= forward + backward;
    table.add({layer["name"], layer["kind"], to_string(layer["output"].get<Shape>()),
               fmt::format("{:.2f}", 1e3 * forward), fmt::format("{:.2f}", 1e3 * backward),
               fmt::format("{:.1f}", 100 * (forward + backward) / step)});
  }
  table.add(
      {"", "all else", "", fmt::format("{:.2f}", 1e3 * rest), "", fmt::format("{:.1f}", 100 * rest / step)});
  return table;
}

}  // namespace cnn::bench
