// SPDX-License-Identifier: MIT
#include "common/optim/optimizer.hpp"

#include <algorithm>
#include <map>

#include "common/core/check.hpp"

namespace cnn::optim {

Optimizer::Optimizer(std::string kind, std::vector<nn::NamedParameter> parameters, double learning_rate)
    : kind_(std::move(kind)), parameters_(std::move(parameters)), learning_rate_(learning_rate) {
  set_learning_rate(learning_rate);
}

void Optimizer::step() {
  ++step_count_;
  std::vector<std::size_t> places;
  for (std::size_t i = 0; i < parameters_.size(); ++i)
    if (parameter(i).grad.defined()) places.push_back(i);
  update(places);
}

void Optimizer::set_learning_rate(double rate) {
  check_option(rate >= 0, "learning rate " + std::to_string(rate) + "; it must be 0 or more");
  learning_rate_ = rate;
}

std::vector<std::pair<std::string, Tensor>> Optimizer::state() const {
  const std::int64_t count = step_count_;
  std::vector<std::pair<std::string, Tensor>> all{{"step", Tensor::from_labels({1}, {&count, 1})}};
  for (std::size_t i = 0; i < parameters_.size(); ++i) {
    for (const Slot& s : slots_) all.emplace_back(parameters_[i].name + "." + s.name, s.tensors[i]);
  }
  return all;
}

void Optimizer::load_state(const std::vector<std::pair<std::string, Tensor>>& state) {
  const std::map<std::string, Tensor> given(state.begin(), state.end());
  const auto mine = this->state();
  for (const auto& [name, tensor] : mine) {
    const auto found = given.find(name);
    CNN_CHECK(found != given.end(), DataError,
              "[" + kind_ + "] the saved state has no \"" + name +
                  "\"; it is that of another network or optimizer");
    CNN_CHECK(found->second.shape() == tensor.shape() && found->second.dtype() == tensor.dtype(), DataError,
              "[" + kind_ + "] \"" + name + "\" is " + to_string(found->second.dtype()) + " " +
                  to_string(found->second.shape()) + " in the saved state, " + to_string(tensor.dtype()) +
                  " " + to_string(tensor.shape()) + " here; it is that of another network");
  }
  for (const auto& [name, tensor] : given) {
    const bool known =
        std::any_of(mine.begin(), mine.end(), [&n = name](const auto& entry) { return entry.first == n; });
    CNN_CHECK(known, DataError,
              "[" + kind_ + "] the saved state has \"" + name +
                  "\", unknown here; it is that of another network or optimizer");
  }
  step_count_ = given.at("step").to({}).labels()[0];
  for (std::size_t i = 0; i < parameters_.size(); ++i) {
    for (Slot& s : slots_) s.tensors[i].copy_from(given.at(parameters_[i].name + "." + s.name));
  }
}

std::size_t Optimizer::add_slot(std::string name) {
  Slot added{std::move(name), {}};
  for (const nn::NamedParameter& p : parameters_) {
    added.tensors.push_back(Tensor::zeros(p.parameter->value.shape(), p.parameter->value.device()));
  }
  slots_.push_back(std::move(added));
  return slots_.size() - 1;
}

void Optimizer::check_option(bool ok, const std::string& what) const {
  CNN_CHECK(ok, UsageError, "[" + kind_ + "] " + what);
}

}  // namespace cnn::optim
