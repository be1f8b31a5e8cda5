// SPDX-License-Identifier: MIT
#include "common/nn/concat.hpp"

#include <algorithm>
#include <utility>

#include "common/core/check.hpp"
#include "common/nn/identity.hpp"
#include "common/ops/merge.hpp"

namespace cnn::nn {

Concat::Concat(std::initializer_list<Child> branches) : Container("Concat", branches) {
  CNN_CHECK(size() > 0, UsageError, "[Concat] there are no branches; give at least one");
}

void Concat::set_next(std::shared_ptr<Concat> next) {
  if (dynamic_cast<const Identity*>(&(*next)[0]) == nullptr) return;
  next->continues_ = true;
  next_ = std::move(next);
}

Index Concat::room(const Shape& y) const {
  if (!next_ || y.size() != 4) return 0;
  const Shape longer = next_->output_shape(y);
  return longer.at(1) - y[1] + next_->room(longer);
}

bool Concat::grows(const Flow& x) const {
  return continues_ && x.room > 0 && output_shape(x.shape)[1] - x.shape[1] <= x.room;
}

//! [concat]
Tensor Concat::forward(Tensor x) {
  const Index room_behind = room(output_shape(x.shape()));
  std::vector<Tensor> parts;
  std::vector<Index> widths;
  for (std::size_t i = 0; i < size(); ++i) {
    // x stays in two hands until the last branch, so no other works in it
    parts.push_back((*this)[i].forward(i + 1 < size() ? x : std::move(x)));
    widths.push_back(parts.back().shape().at(1));
  }
  widths_.keep(std::move(widths), is_training());
  return ops::concat_channels(parts, {.grow = continues_, .room = room_behind});
}

Tensor Concat::backward(Tensor grad_y) {
  const std::vector<Index> widths = widths_.take("Concat");
  Index channels = 0;
  for (const Index width : widths) channels += width;
  CNN_CHECK(grad_y.rank() >= 2 && grad_y.shape()[1] == channels, ShapeError,
            "[Concat] grad_y is " + to_string(grad_y.shape()) + ", the output had " +
                std::to_string(channels) + " channels");
  Tensor grad_x;
  Index first = 0;
  for (std::size_t i = 0; i < size(); ++i) {
    const Tensor grad = grad_y.channels(first, widths[i]);
    Tensor part = (*this)[i].backward(grad.rank() == 4 ? grad : grad.clone());  // only images may be strided
    grad_x = i == 0 ? std::move(part) : sum(std::move(grad_x), std::move(part));
    first += widths[i];
  }
  return grad_x;
}
//! [concat]

Shape Concat::output_shape(const Shape& x) const {
  std::vector<Shape> shapes;
  for (std::size_t i = 0; i < size(); ++i) shapes.push_back((*this)[i].output_shape(x));
  return ops::concat_output_shape(shapes);
}

Cost Concat::cost(const Shape& x) const {
  Cost total = Container::cost(x);
  for (std::size_t i = 0; i < size(); ++i)
    total.keeps_input = total.keeps_input || (*this)[i].cost(x).keeps_input;
  return total;
}

std::vector<Flow> Concat::branch_inputs(const Flow& x) const {
  std::vector<Flow> inputs;
  Flow input = x;
  for (std::size_t i = 0; i < size(); ++i) {
    inputs.push_back(input);
    if ((*this)[i].cost(x.shape).keeps_input) input.kept = element_count(x.shape);
  }
  return inputs;
}

Flow Concat::trace(const Flow& x) const {
  Flow y = (*this)[0].trace(x);
  for (std::size_t i = 1; i < size(); ++i) {
    const ReceptiveField field = (*this)[i].trace(x).field;
    y.field.size = {std::max(y.field.size.h, field.size.h), std::max(y.field.size.w, field.size.w)};
    y.field.jump = {std::max(y.field.jump.h, field.jump.h), std::max(y.field.jump.w, field.jump.w)};
    y.field.all = y.field.all || field.all;
  }
  y.shape = output_shape(x.shape);
  y.kept = 0;
  y.room = room(y.shape);
  if (grows(x)) {
    y.kept = cost(x.shape).keeps_input ? element_count(x.shape) : x.kept;
    y.room = x.room - (y.shape[1] - x.shape[1]);
  }
  return y;
}

std::vector<Flow> Concat::leaf_inputs(const Flow& x) const {
  const std::vector<Flow> inputs = branch_inputs(x);
  std::vector<Flow> all;
  for (std::size_t i = 0; i < size(); ++i) {
    for (Flow& flow : (*this)[i].leaf_inputs(inputs[i])) all.push_back(std::move(flow));
  }
  return all;
}

}  // namespace cnn::nn
