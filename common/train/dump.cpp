// SPDX-License-Identifier: MIT
#include "common/train/dump.hpp"

#include <fmt/format.h>

#include <utility>

#include "common/core/check.hpp"
#include "common/nn/fuse.hpp"
#include "common/nn/wrapper.hpp"
#include "common/train/trainer.hpp"

namespace cnn {
namespace {

nn::Container& container(nn::Module& model) {
  auto* const found = dynamic_cast<nn::Container*>(&model);
  CNN_CHECK(found != nullptr, UsageError,
            "[dump] the network is a single layer; put it into a Sequential to watch it");
  return *found;
}

}  // namespace

class LayerDump::Watched : public nn::Wrapper {
 public:
  Watched(std::string name, std::shared_ptr<nn::Module> layer, std::shared_ptr<io::NamedTensors> seen)
      : Wrapper(std::move(layer)), name_(std::move(name)), seen_(std::move(seen)) {}

  Tensor forward(Tensor x) override {
    Tensor y = Wrapper::forward(std::move(x));
    if (!std::exchange(has_output_, true)) save_copy(".output", y);
    return y;
  }
  Tensor backward(Tensor grad_y) override {
    Tensor grad_x = Wrapper::backward(std::move(grad_y));
    if (grad_x.defined() && !std::exchange(has_grad_, true)) save_copy(".grad_input", grad_x);
    return grad_x;
  }

 private:
  /// A copy: the next layer may work in place.
  void save_copy(const std::string& what, const Tensor& tensor) {
    seen_->emplace_back(name_ + what, tensor.clone().to({}));
  }

  std::string name_;
  std::shared_ptr<io::NamedTensors> seen_;
  bool has_output_ = false;
  bool has_grad_ = false;
};

LayerDump::LayerDump(nn::Module& model) : model_(container(model)), was_fused_(nn::fuse(model, false)) {
  model_.replace_leaves([this](const std::string& name, std::shared_ptr<nn::Module> layer) {
    const std::string key = unique(name.empty() ? layer->spec().kind : name);
    return std::make_shared<Watched>(key, std::move(layer), seen_);
  });
}

LayerDump::~LayerDump() {
  model_.replace_leaves([](const std::string&, std::shared_ptr<nn::Module> layer) {
    return dynamic_cast<const Watched&>(*layer).layer();
  });
  if (was_fused_) nn::fuse(model_);
}

std::string LayerDump::unique(const std::string& name) {
  const int count = ++names_[name];
  return count == 1 ? name : name + "#" + std::to_string(count);
}

io::NamedTensors LayerDump::tensors() const {
  io::NamedTensors all = *seen_;
  for (const auto& [name, parameter] : model_.named_parameters()) {
    if (parameter->grad.defined()) all.emplace_back(name + ".grad", parameter->grad.clone().to({}));
  }
  return all;
}

void LayerDump::save(const std::filesystem::path& path) const { io::save_safetensors(path, tensors()); }

void StepDump::on_fit_start(Trainer& trainer) {
  const Index step = trainer.options().max_steps;
  CNN_CHECK(trainer.planned_steps() == step, UsageError,
            fmt::format("[dump] the run has only {} steps, so there is no step {}; give more --epochs or a "
                        "smaller --max-steps",
                        trainer.planned_steps(), step));
}

void StepDump::on_step_start(Trainer& trainer) {
  if (trainer.position().total_steps + 1 == trainer.options().max_steps) dump_.emplace(trainer.model());
}

void StepDump::on_settled(Trainer&) {
  if (!dump_) return;
  dump_->save(path_);
  dump_.reset();
}

}  // namespace cnn
