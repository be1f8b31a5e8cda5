// SPDX-License-Identifier: MIT
#include "common/nn/identity.hpp"

#include "common/ops/checks.hpp"

namespace cnn::nn {

Tensor Identity::forward(Tensor x) {
  shape_.save(x.shape(), is_training());
  return x;
}

Tensor Identity::backward(Tensor grad_y) {
  const Shape shape = shape_.take("Identity");
  ops::detail::check_shape("Identity", "grad_y", grad_y.shape(), shape);
  return grad_y;
}

}  // namespace cnn::nn
