// SPDX-License-Identifier: MIT
#include "common/nn/sequential.hpp"

namespace cnn::nn {

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
