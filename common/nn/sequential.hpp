// SPDX-License-Identifier: MIT
#pragma once

#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "common/nn/module.hpp"

namespace cnn::nn {

/// A layer inside a container, with its part of the key. Without a name it gets the number of its place ("0", "1", ...); with
/// an empty name it adds nothing to the key and uses up no number.
class Child {
 public:
  /// \param module  the layer, moved in; its name will be a number
  template <typename M>
    requires std::is_base_of_v<Module, M>
  Child(M&& module)  // NOLINT: implicit, so that layers can be listed
    requires(!std::is_lvalue_reference_v<M>)
      : module_(std::make_shared<M>(std::move(module))) {}

  /// \param name    part of the key, may be empty
  /// \param module  the layer, moved in
  template <typename M>
    requires(std::is_base_of_v<Module, M> && !std::is_lvalue_reference_v<M>)
  Child(std::string name, M&& module) : name_(std::move(name)), module_(std::make_shared<M>(std::move(module))) {}

  /// \return the name given, or nothing
  const std::optional<std::string>& name() const noexcept { return name_; }
  /// \return the layer
  const std::shared_ptr<Module>& module() const noexcept { return module_; }

 private:
  std::optional<std::string> name_;
  std::shared_ptr<Module> module_;
};

/// Layers one after the other: \f$ y = f_k(\dots f_1(x)) \f$. Backward runs through them from last to first.
class Sequential : public Module {
 public:
  /// Use braces, `Sequential{...}`: a brace list is evaluated from left to right, so the order in which weights are drawn is
  /// that of the layers.
  /// \param children  the layers
  Sequential(std::initializer_list<Child> children);

  Tensor forward(Tensor x) override;
  Tensor backward(Tensor grad_y) override;
  std::vector<NamedParameter> named_parameters() override;
  std::vector<NamedBuffer> named_buffers() override;
  void train(bool on) override;
  void to(Device device) override;
  Shape output_shape(const Shape& x) const override;
  Cost cost(const Shape& x) const override;
  Spec spec() const override;
  std::vector<Leaf> leaves() const override;

  /// \return number of layers
  std::size_t size() const noexcept { return children_.size(); }
  /// \param i  place of a layer
  /// \return   the layer
  Module& operator[](std::size_t i) { return *children_.at(i).module; }

 private:
  struct NamedModule {
    std::string name;  // "" adds nothing to the key
    std::shared_ptr<Module> module;
  };
  std::vector<NamedModule> children_;
};

}  // namespace cnn::nn
