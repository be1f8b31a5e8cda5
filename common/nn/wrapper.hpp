// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <utility>

#include "common/nn/module.hpp"

namespace cnn::nn {

/// A layer that stands in the place of another one, to which it hands everything on: the base of those that watch or measure it.
/// See Container::replace_leaves().
class Wrapper : public Module {
 public:
  /// \param layer  the one to stand for
  explicit Wrapper(std::shared_ptr<Module> layer) { children_.push_back({"", std::move(layer)}); }

  /// \return the layer
  const std::shared_ptr<Module>& layer() const { return children()[0].module; }

  Tensor forward(Tensor x) override { return layer()->forward(std::move(x)); }
  Tensor backward(Tensor grad_y) override { return layer()->backward(std::move(grad_y)); }
  Shape output_shape(const Shape& x) const override { return layer()->output_shape(x); }
  Spec spec() const override { return layer()->spec(); }
};

}  // namespace cnn::nn
