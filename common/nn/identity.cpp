// SPDX-License-Identifier: MIT
#include "common/nn/identity.hpp"

namespace cnn::nn {

Tensor Identity::forward(Tensor x) {
  shape_.save(x.shape(), is_training());
  return x;
}

Tensor Identity::backward(Tensor grad_y) {
  const Shape shape = shape_.take("Identity");
  CNN_CHECK(grad_y.shape() == shape, ShapeError,
            "[Identity] grad_y is " + to_string(grad_y.shape()) + ", the output was " + to_string(shape));
  return grad_y;
}

}  // namespace cnn::nn
