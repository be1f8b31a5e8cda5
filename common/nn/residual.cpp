// SPDX-License-Identifier: MIT
#include "common/nn/residual.hpp"

#include <algorithm>

#include "common/core/check.hpp"

namespace cnn::nn {

//! [residual]
Tensor Residual::forward(Tensor x) {
  Tensor y = body().forward(x);  // x stays in two hands, so the body cannot work in it
  return sum(std::move(y), shortcut().forward(std::move(x)), relu_);
}

Tensor Residual::backward(Tensor grad_y) {
  Tensor grad_x = body().backward(grad_y);
  return sum(std::move(grad_x), shortcut().backward(std::move(grad_y)));
}
//! [residual]

ReluShare Residual::take_over_relu() {
  relu_ = true;
  return ReluShare::forward;
}

Shape Residual::output_shape(const Shape& x) const {
  Shape y = body().output_shape(x);
  const Shape s = shortcut().output_shape(x);
  CNN_CHECK(y == s, ShapeError,
            "[Residual] the body makes " + to_string(y) + " of " + to_string(x) + ", the shortcut " +
                to_string(s) + "; give both the same stride and channels");
  return y;
}

Cost Residual::cost(const Shape& x) const {
  Cost total = Container::cost(x);
  total.keeps_input = body().cost(x).keeps_input || shortcut().cost(x).keeps_input;
  return total;
}

Flow Residual::shortcut_input(const Flow& x) const {
  Flow flow = x;
  if (body().cost(x.shape).keeps_input) flow.kept = element_count(x.shape);
  return flow;
}

Flow Residual::trace(const Flow& x) const {
  const Flow b = body().trace(x);
  const Flow s = shortcut().trace(x);
  return {
      .shape = output_shape(x.shape),
      .field = {.size = {std::max(b.field.size.h, s.field.size.h), std::max(b.field.size.w, s.field.size.w)},
                .jump = b.field.jump,
                .all = b.field.all || s.field.all},
      .kept = 0};
}

std::vector<Flow> Residual::leaf_inputs(const Flow& x) const {
  std::vector<Flow> all = body().leaf_inputs(x);
  for (Flow& flow : shortcut().leaf_inputs(shortcut_input(x))) all.push_back(std::move(flow));
  return all;
}

}  // namespace cnn::nn
