// SPDX-License-Identifier: MIT
#include "common/nn/global_avg_pool2d.hpp"

#include "common/core/check.hpp"
#include "common/ops/pool2d.hpp"

namespace cnn::nn {
namespace {

/// One window that is the whole image.
//! [whole]
Pool2dOptions whole(const Shape& x) {
  const Size2d size{x[2], x[3]};
  return {.kernel = size, .stride = size, .padding = 0};
}
//! [whole]

}  // namespace

//! [passes]
Tensor GlobalAvgPool2d::forward(Tensor x) {
  output_shape(x.shape());  // throws if x does not fit
  Tensor y = ops::avg_pool2d(x, whole(x.shape()));
  x_shape_.save(x.shape(), is_training());
  return y;
}

Tensor GlobalAvgPool2d::backward(Tensor grad_y) {
  const Shape x_shape = x_shape_.take("GlobalAvgPool2d");
  return ops::avg_pool2d_backward(grad_y, x_shape, whole(x_shape));
}
//! [passes]

Shape GlobalAvgPool2d::output_shape(const Shape& x) const {
  CNN_CHECK(x.size() == 4 && x[2] > 0 && x[3] > 0, ShapeError,
            "[GlobalAvgPool2d] expects images [n, c, h, w] with pixels, x is " + to_string(x));
  return {x[0], x[1], 1, 1};
}

}  // namespace cnn::nn
