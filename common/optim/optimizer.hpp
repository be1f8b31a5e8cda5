// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "common/nn/module.hpp"

/// Rules that change parameters by their gradients.
namespace cnn::optim {

/// Base of the optimizers. Does not own the parameters: the model must outlive it, and must be on its device before the
/// optimizer is made.
class Optimizer {
 public:
  virtual ~Optimizer() = default;
  Optimizer(const Optimizer&) = delete;
  Optimizer& operator=(const Optimizer&) = delete;

  /// \return an optimizer with the same parameters and options before its first step; its state is where the parameters are now
  virtual std::unique_ptr<Optimizer> anew() const = 0;

  /// Changes every parameter that has a gradient; one without is left alone.
  void step();

  /// \return number of steps made
  Index step_count() const noexcept { return step_count_; }
  /// \return step size
  double learning_rate() const noexcept { return learning_rate_; }
  /// \param rate  step size from now on
  /// \throws UsageError  the rate is negative or not a number
  void set_learning_rate(double rate);
  /// \return the parameters with their full names
  const std::vector<nn::NamedParameter>& parameters() const noexcept { return parameters_; }

  /// What a checkpoint must hold to go on with the same bits: the number of steps ("step", i64, [1]) and the tensors of each
  /// parameter ("conv.0.weight.velocity"). They are handles: the next step() changes what they show. Options, the learning
  /// rate among them, are not part of it.
  /// \return tensors by name, always in the same order
  std::vector<std::pair<std::string, Tensor>> state() const;

  /// Takes up the work where state() left it; copies the tensors.
  /// \param state  what state() returned, in any order, on any device
  /// \throws DataError  a tensor is missing, unknown, or of another shape or type: the state is that of another network or
  ///                    optimizer; nothing is changed then
  void load_state(const std::vector<std::pair<std::string, Tensor>>& state);

 protected:
  /// \param kind           name of the class, for messages
  /// \param parameters     what to change
  /// \param learning_rate  step size
  /// \throws UsageError  the rate is negative or not a number
  Optimizer(std::string kind, std::vector<nn::NamedParameter> parameters, double learning_rate);

  /// Adds to the state one tensor of zeros for each parameter, of its shape and on its device.
  /// \param name  last part of their names
  /// \return      number of this kind of tensor, for slot()
  std::size_t add_slot(std::string name);

  /// \param kind  what add_slot() returned
  /// \param i     place of the parameter
  /// \return      tensor of that parameter
  Tensor& slot(std::size_t kind, std::size_t i) { return slots_[kind].tensors[i]; }

  /// Changes the parameters that have a gradient; step_count() is 1 in the first step.
  /// \param places  of those among parameters()
  virtual void update(const std::vector<std::size_t>& places) = 0;

  /// \param i  place of a parameter
  /// \return   the parameter
  nn::Parameter& parameter(std::size_t i) { return *parameters_[i].parameter; }

  /// \param ok    whether an option makes sense
  /// \param what  the option with its value and the range
  /// \throws UsageError  it does not
  void check_option(bool ok, const std::string& what) const;

 private:
  struct Slot {
    std::string name;
    std::vector<Tensor> tensors;  // one for each parameter
  };

  std::string kind_;
  std::vector<nn::NamedParameter> parameters_;
  double learning_rate_;
  Index step_count_ = 0;
  std::vector<Slot> slots_;
};

}  // namespace cnn::optim
