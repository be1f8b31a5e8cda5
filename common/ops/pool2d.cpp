// SPDX-License-Identifier: MIT
#include "common/ops/pool2d.hpp"

#include <cstdint>
#include <limits>

#include "common/core/check.hpp"
#include "common/ops/checks.hpp"

namespace cnn::ops {

Shape pool2d_output_shape(const Shape& x, const Pool2dOptions& options) {
  detail::check_rank("pool2d", "x", x, "[n, channels, height, width]", 4);
  const Size2d size =
      detail::window_count("pool2d", {x[2], x[3]}, options.kernel, options.stride, options.padding);
  CNN_CHECK(options.padding.h <= options.kernel.h / 2 && options.padding.w <= options.kernel.w / 2,
            ShapeError,
            "[pool2d] the padding " + to_string(options.padding) + " is more than half of the window " +
                to_string(options.kernel) + "; take at most half, as in PyTorch");
  CNN_CHECK(
      x[2] <= std::numeric_limits<std::int32_t>::max() / x[3], ShapeError,
      "[pool2d] images of " + to_string(Size2d{x[2], x[3]}) + " have more pixels than an i32 can count");
  return {x[0], x[1], size.h, size.w};
}

MaxPool2d max_pool2d(const Tensor& x, const Pool2dOptions& options, bool with_indices) {
  Backend& backend = detail::backend_of("max_pool2d", {{"x", &x}});
  const Shape shape = pool2d_output_shape(x.shape(), options);
  MaxPool2d result{Tensor::empty(shape, x.device()), {}};
  if (with_indices) result.indices = Tensor::empty(shape, x.device(), DType::i32);
  if (x.size() > 0) backend.max_pool2d(result.y, with_indices ? &result.indices : nullptr, x, options);
  return result;
}

Tensor max_pool2d_backward(const Tensor& grad_y, const Tensor& indices, const Shape& x_shape,
                           const Pool2dOptions& options) {
  detail::check_rank("max_pool2d_backward", "x", x_shape, "[n, channels, height, width]", 4);
  Tensor grad_x = Tensor::empty(x_shape, grad_y.device());
  max_pool2d_backward_into(grad_x, grad_y, indices, options);
  return grad_x;
}

void max_pool2d_backward_into(Tensor& grad_x, const Tensor& grad_y, const Tensor& indices,
                              const Pool2dOptions& options, Write write) {
  Backend& backend = detail::backend_of(
      "max_pool2d_backward",
      {{"grad_y", &grad_y}, {"indices", &indices, detail::Layout::any, DType::i32}, {"grad_x", &grad_x}});
  detail::check_shape("max_pool2d_backward", "indices", indices.shape(), grad_y.shape());
  detail::check_shape("max_pool2d_backward", "grad_y", grad_y.shape(),
                      pool2d_output_shape(grad_x.shape(), options));
  if (grad_x.size() > 0) backend.max_pool2d_backward(grad_x, grad_y, indices, options, write);
}

Tensor avg_pool2d(const Tensor& x, const Pool2dOptions& options) {
  Backend& backend = detail::backend_of("avg_pool2d", {{"x", &x}});
  Tensor y = Tensor::empty(pool2d_output_shape(x.shape(), options), x.device());
  if (y.size() > 0) backend.avg_pool2d(y, x, options);
  return y;
}

Tensor avg_pool2d_backward(const Tensor& grad_y, const Shape& x_shape, const Pool2dOptions& options) {
  Tensor grad_x = Tensor::empty(x_shape, grad_y.device());
  avg_pool2d_backward_into(grad_x, grad_y, options);
  return grad_x;
}

void avg_pool2d_backward_into(Tensor& grad_x, const Tensor& grad_y, const Pool2dOptions& options,
                              Write write) {
  Backend& backend = detail::backend_of("avg_pool2d_backward", {{"grad_y", &grad_y}, {"grad_x", &grad_x}});
  detail::check_shape("avg_pool2d_backward", "grad_y", grad_y.shape(),
                      pool2d_output_shape(grad_x.shape(), options));
  if (grad_x.size() > 0) backend.avg_pool2d_backward(grad_x, grad_y, options, write);
}

}  // namespace cnn::ops
