// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <utility>
#include <vector>

#include "common/nn/module.hpp"

namespace cnn::nn {

/// A layer that stands in the place of another one, to which it hands everything on: the base of those that watch or measure it.
/// See Container::replace_leaves().
class Wrapper : public Module {
 public:
  /// \param layer  the one to stand for
  explicit Wrapper(std::shared_ptr<Module> layer) : layer_(std::move(layer)) {}

  /// \return the layer
  const std::shared_ptr<Module>& layer() const { return layer_; }

  Tensor forward(Tensor x) override { return layer_->forward(std::move(x)); }
  Tensor backward(Tensor grad_y) override { return layer_->backward(std::move(grad_y)); }
  std::vector<NamedParameter> named_parameters() override { return layer_->named_parameters(); }
  std::vector<NamedBuffer> named_buffers() override { return layer_->named_buffers(); }
  void train(bool on) override { layer_->train(on); }
  void set_input_grad_needed(bool needed) override { layer_->set_input_grad_needed(needed); }
  void to(Device device) override { layer_->to(device); }
  Shape output_shape(const Shape& x) const override { return layer_->output_shape(x); }
  Cost cost(const Shape& x) const override { return layer_->cost(x); }
  Spec spec() const override { return layer_->spec(); }
  Flow trace(const Flow& x) const override { return layer_->trace(x); }

 private:
  std::shared_ptr<Module> layer_;
};

}  // namespace cnn::nn
