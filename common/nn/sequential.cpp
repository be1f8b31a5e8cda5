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
  for (auto i = size(); i-- > 0;) grad_y = (*this)[i].backward(std::move(grad_y));
  return grad_y;
}
//! [sequential]

Shape Sequential::output_shape(const Shape& x) const {
  Shape y = x;
  for (std::size_t i = 0; i < size(); ++i) y = (*this)[i].output_shape(y);
  return y;
}

}  // namespace cnn::nn
