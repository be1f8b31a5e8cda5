// SPDX-License-Identifier: MIT
#pragma once

#include <functional>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "common/backend/operation.hpp"
#include "common/nn/module.hpp"

namespace cnn::nn {

/// A layer inside a container, with its part of the key. Without a name it gets the number of its place ("0", "1",
/// ...); with an empty name it adds nothing to the key and uses up no number.
class Child {
 public:
  /// \param module  the layer, moved in; its name will be a number
  template <typename M>
  requires(std::is_base_of_v<Module, M> && !std::is_lvalue_reference_v<M>)
      Child(M&& module)  // NOLINT: implicit, so that layers can be listed
      : module_(std::make_shared<M>(std::move(module))) {}

  /// \param name    part of the key, may be empty
  /// \param module  the layer, moved in
  template <typename M>
  requires(std::is_base_of_v<Module, M> && !std::is_lvalue_reference_v<M>) Child(std::string name, M&& module)
      : name_(std::move(name)), module_(std::make_shared<M>(std::move(module))) {}

  /// \return the name given, or nothing
  const std::optional<std::string>& name() const noexcept { return name_; }
  /// \return the layer
  const std::shared_ptr<Module>& module() const noexcept { return module_; }

 private:
  std::optional<std::string> name_;
  std::shared_ptr<Module> module_;  // shared, because an initializer list can only be copied from
};

/// A module made of modules. How data flows between them is up to the classes derived from it.
class Container : public Module {
 public:
  Spec spec() const override { return {.kind = kind_}; }

  /// Puts another module in the place of each leaf, such as one that watches it.
  /// \param replace  is given a leaf's full name and the leaf, in the order of leaves(), and returns what takes its place: a
  ///                 module with the same parameters and buffers
  void replace_leaves(const std::function<std::shared_ptr<Module>(const std::string& name,
                                                                  std::shared_ptr<Module> leaf)>& replace);

  /// \return number of children
  std::size_t size() const noexcept { return children().size(); }
  /// \param i  place of a child
  /// \return   the child
  /// \throws std::out_of_range  there is no such place
  Module& operator[](std::size_t i) { return *children().at(i).module; }
  /// \param i  place of a child
  /// \return   the child
  /// \throws std::out_of_range  there is no such place
  const Module& operator[](std::size_t i) const { return *children().at(i).module; }

 protected:
  /// \param kind      name of the class
  /// \param children  what it is made of
  /// \throws UsageError  two parameters or buffers would have the same full name
  Container(std::string kind, std::initializer_list<Child> children);

  /// Puts one more module behind the others.
  /// \param child  the module
  /// \throws UsageError  two parameters or buffers would have the same full name
  void append(const Child& child);

 private:
  void push_back(const Child& child);
  void check_names();

  std::string kind_;
  int places_ = 0;  // numbers used up as names
};

/// Adds two tensors of the same shape, into one of them if nobody else can see it.
/// \param a         first summand
/// \param b         second summand
/// \param epilogue  what happens to the sum on its way to memory
/// \return          a + b
/// \throws ShapeError  shapes differ
Tensor sum(Tensor a, Tensor b, const Epilogue& epilogue = {});

}  // namespace cnn::nn
