// SPDX-License-Identifier: MIT
#include "common/nn/avg_pool2d.hpp"

#include "common/ops/pool2d.hpp"

namespace cnn::nn {

Tensor AvgPool2d::forward(Tensor x) {
  Tensor y = ops::avg_pool2d(x, options());
  x_shape_.keep(x.shape(), is_training());
  return y;
}

Tensor AvgPool2d::backward(Tensor grad_y) {
  return ops::avg_pool2d_backward(grad_y, x_shape_.take("AvgPool2d"), options());
}

Cost AvgPool2d::cost(const Shape& x) const {
  output_shape(x);  // throws if x does not fit
  return {};
}

}  // namespace cnn::nn
