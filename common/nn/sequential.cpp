// SPDX-License-Identifier: MIT
#include "common/nn/sequential.hpp"

#include <memory>
#include <utility>

#include "common/nn/concat.hpp"

namespace cnn::nn {

Sequential::Sequential(std::initializer_list<Child> children) : Container("Sequential", {}) {
  for (const Child& child : children) add(child);
}

void Sequential::add(const Child& child) {
  auto* const last = size() > 0 ? dynamic_cast<Concat*>(&(*this)[size() - 1]) : nullptr;
  auto next = std::dynamic_pointer_cast<Concat>(child.module());
  append(child);
  if (last != nullptr && next != nullptr) last->set_next(std::move(next));
}

//! [sequential]
Tensor Sequential::forward(Tensor x) {
  for (std::size_t i = 0; i < size(); ++i) x = (*this)[i].forward(std::move(x));
  return x;
}

Tensor Sequential::backward(Tensor grad_y) {
  for (std::size_t i = size(); i-- > 0;) grad_y = (*this)[i].backward(std::move(grad_y));
  return grad_y;
}
//! [sequential]

void Sequential::set_input_grad_needed(bool needed) {
  Module::set_input_grad_needed(needed);
  if (size() > 0) (*this)[0].set_input_grad_needed(needed);
}

Shape Sequential::output_shape(const Shape& x) const {
  Shape y = x;
  for (std::size_t i = 0; i < size(); ++i) y = (*this)[i].output_shape(y);
  return y;
}

Cost Sequential::cost(const Shape& x) const {
  Cost total = Container::cost(x);
  Shape y = x;
  for (std::size_t i = 0; i < size(); ++i) {
    const Cost layer = (*this)[i].cost(y);
    if (i == 0) total.keeps_input = layer.keeps_input;
    total.keeps_output = layer.keeps_output;
    y = (*this)[i].output_shape(y);
  }
  return total;
}

Flow Sequential::trace(const Flow& x) const {
  Flow y = x;
  for (std::size_t i = 0; i < size(); ++i) y = (*this)[i].trace(y);
  return y;
}

std::vector<Flow> Sequential::leaf_inputs(const Flow& x) const {
  std::vector<Flow> all;
  Flow y = x;
  for (std::size_t i = 0; i < size(); ++i) {
    for (Flow& flow : (*this)[i].leaf_inputs(y)) all.push_back(std::move(flow));
    y = (*this)[i].trace(y);
  }
  return all;
}

}  // namespace cnn::nn
