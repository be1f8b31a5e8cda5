// SPDX-License-Identifier: MIT
#include "common/train/dump.hpp"

#include <utility>

#include "common/core/check.hpp"

namespace cnn {
namespace {

nn::Container& container(nn::Module& model) {
  auto* const found = dynamic_cast<nn::Container*>(&model);
  CNN_CHECK(found != nullptr, UsageError,
            "[dump] the network is a single layer; put it into a Sequential to watch it");
  return *found;
}

}  // namespace

/// A layer in the place of another one, to which it hands everything on.
class LayerDump::Watched : public nn::Module {
 public:
  Watched(std::string name, std::shared_ptr<nn::Module> layer, std::shared_ptr<io::NamedTensors> seen)
      : name_(std::move(name)), layer_(std::move(layer)), seen_(std::move(seen)) {}

  /// \return the layer watched
  const std::shared_ptr<nn::Module>& layer() const { return layer_; }

  Tensor forward(Tensor x) override {
    Tensor y = layer_->forward(std::move(x));
    if (!std::exchange(has_output_, true)) keep(".output", y);
    return y;
  }
  Tensor backward(Tensor grad_y) override {
    Tensor grad_x = layer_->backward(std::move(grad_y));
    if (grad_x.defined() && !std::exchange(has_grad_, true)) keep(".grad_input", grad_x);
    return grad_x;
  }

  std::vector<nn::NamedParameter> named_parameters() override { return layer_->named_parameters(); }
  std::vector<nn::NamedBuffer> named_buffers() override { return layer_->named_buffers(); }
  void train(bool on) override { layer_->train(on); }
  void set_input_grad_needed(bool needed) override { layer_->set_input_grad_needed(needed); }
  void to(Device device) override { layer_->to(device); }
  Shape output_shape(const Shape& x) const override { return layer_->output_shape(x); }
  nn::Cost cost(const Shape& x) const override { return layer_->cost(x); }
  nn::Spec spec() const override { return layer_->spec(); }
  nn::Flow trace(const nn::Flow& x) const override { return layer_->trace(x); }

 private:
  /// A copy: the next layer may work in place.
  void keep(const std::string& what, const Tensor& tensor) {
    seen_->emplace_back(name_ + what, tensor.clone().to({}));
  }

  std::string name_;
  std::shared_ptr<nn::Module> layer_;
  std::shared_ptr<io::NamedTensors> seen_;
  bool has_output_ = false;
  bool has_grad_ = false;
};

LayerDump::LayerDump(nn::Module& model) : model_(container(model)) {
  model_.replace_leaves([this](const std::string& name, std::shared_ptr<nn::Module> layer) {
    const std::string key = unique(name.empty() ? layer->spec().kind : name);
    return std::make_shared<Watched>(key, std::move(layer), seen_);
  });
}

LayerDump::~LayerDump() {
  model_.replace_leaves([](const std::string&, std::shared_ptr<nn::Module> layer) {
    return dynamic_cast<const Watched&>(*layer).layer();
  });
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

}  // namespace cnn
