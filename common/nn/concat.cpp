// SPDX-License-Identifier: MIT
#include "common/nn/concat.hpp"

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

Index Concat::reserve(const Shape& y) const {
  if (!next_ || y.size() != 4) return 0;
  const Shape longer = next_->output_shape(y);
  return longer.at(1) - y[1] + next_->reserve(longer);
}

//! [concat]
Tensor Concat::forward(Tensor x) {
  const Index reserved = reserve(output_shape(x.shape()));
  std::vector<Tensor> parts;
  std::vector<Index> widths;
  for (std::size_t i = 0; i < size(); ++i) {
    // x stays in two hands until the last branch, so no other works in it
    parts.push_back((*this)[i].forward(i + 1 < size() ? x : std::move(x)));
    widths.push_back(parts.back().shape().at(1));
  }
  widths_.save(std::move(widths), is_training());
  return ops::concat_channels(parts, {.grow = continues_, .reserve = reserved});
}

Tensor Concat::backward(Tensor grad_y) {
  const std::vector<Index> widths = widths_.take("Concat");
  Index channels = 0;
  for (const Index width : widths) channels += width;
  CNN_CHECK(grad_y.rank() >= 2 && grad_y.shape()[1] == channels, ShapeError,
            "[Concat] grad_y is " + to_string(grad_y.shape()) + ", the parts had " +
                std::to_string(channels) + " channels");
  Tensor grad_x;
  Index first = 0;
  for (std::size_t i = 0; i < size(); ++i) {
    const Tensor grad = grad_y.channels(first, widths[i]);
    // only images may be strided
    Tensor part = (*this)[i].backward(grad.rank() == 4 ? grad : grad.clone());
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

}  // namespace cnn::nn
