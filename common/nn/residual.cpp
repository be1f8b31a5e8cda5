// SPDX-License-Identifier: MIT
#include "common/nn/residual.hpp"

#include <utility>

#include "common/core/check.hpp"

namespace cnn::nn {

//! [residual]
Tensor Residual::forward(Tensor x) {
  Tensor y = body().forward(x);  // x stays in two hands, so nobody works in it
  y = sum(std::move(y), shortcut().forward(std::move(x)), epilogue());
  return save_output(std::move(y), is_training());
}

Tensor Residual::backward(Tensor grad_y) {
  grad_y = backward_epilogue(std::move(grad_y), "Residual");
  Tensor grad_x = body().backward(grad_y);
  return sum(std::move(grad_x), shortcut().backward(std::move(grad_y)));
}
//! [residual]

Shape Residual::output_shape(const Shape& x) const {
  Shape y = body().output_shape(x);
  const Shape s = shortcut().output_shape(x);
  CNN_CHECK(y == s, ShapeError,
            "[Residual] the body makes " + to_string(y) + " of " + to_string(x) + ", the shortcut " +
                to_string(s) + "; give both the same stride and channels");
  return y;
}

}  // namespace cnn::nn
