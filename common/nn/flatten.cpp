// SPDX-License-Identifier: MIT
#include "common/nn/flatten.hpp"

#include "common/ops/checks.hpp"

namespace cnn::nn {

Tensor Flatten::forward(Tensor x) {
  const Shape flat = output_shape(x.shape());
  x_shape_.save(x.shape(), is_training());
  return (x.is_dense() ? x : x.clone()).reshape(flat);
}

Tensor Flatten::backward(Tensor grad_y) {
  const Shape x_shape = x_shape_.take("Flatten");
  ops::detail::check_shape("Flatten", "grad_y", grad_y.shape(), output_shape(x_shape));
  return (grad_y.is_dense() ? grad_y : grad_y.clone()).reshape(x_shape);
}

Shape Flatten::output_shape(const Shape& x) const {
  CNN_CHECK(!x.empty(), ShapeError, "[Flatten] needs a first axis of images, x is a scalar");
  Index row = 1;
  for (std::size_t axis = 1; axis < x.size(); ++axis) row *= x[axis];
  return {x[0], row};
}

}  // namespace cnn::nn
