// SPDX-License-Identifier: MIT
#include "bench/layer_times.hpp"

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

}  // namespace cnn::bench
