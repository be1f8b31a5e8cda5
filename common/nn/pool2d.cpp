// SPDX-License-Identifier: MIT
#include "common/nn/pool2d.hpp"

#include "common/core/check.hpp"
#include "common/ops/pool2d.hpp"

namespace cnn::nn {

Pool2d::Pool2d(std::string kind, const Pool2dOptions& options) : kind_(std::move(kind)), options_(options) {
  const auto& [kernel, stride, padding] = options_;
  CNN_CHECK(kernel.h > 0 && kernel.w > 0 && stride.h > 0 && stride.w > 0 && padding.h >= 0 && padding.w >= 0,
            ShapeError,
            "[" + kind_ + "] kernel " + to_string(kernel) + ", stride " + to_string(stride) + ", padding " +
                to_string(padding) + "; kernels and strides start at 1, paddings at 0");
}

Shape Pool2d::output_shape(const Shape& x) const { return ops::pool2d_output_shape(x, options_); }

Spec Pool2d::spec() const {
  return {.kind = kind_,
          .options = {{"kernel", to_string(options_.kernel)},
                      {"stride", to_string(options_.stride)},
                      {"padding", to_string(options_.padding)}}};
}

Tensor MaxPool2d::forward(Tensor x) {
  auto [y, indices] = ops::max_pool2d(x, options(), is_training());
  state_.save({std::move(indices), x.shape()}, is_training());
  return y;
}

Tensor MaxPool2d::backward(Tensor grad_y) {
  const auto [indices, x_shape] = state_.take("MaxPool2d");
  return ops::max_pool2d_backward(grad_y, indices, x_shape, options());
}

Tensor AvgPool2d::forward(Tensor x) {
  Tensor y = ops::avg_pool2d(x, options());
  x_shape_.save(x.shape(), is_training());
  return y;
}

Tensor AvgPool2d::backward(Tensor grad_y) {
  return ops::avg_pool2d_backward(grad_y, x_shape_.take("AvgPool2d"), options());
}

}  // namespace cnn::nn
