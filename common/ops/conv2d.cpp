// SPDX-License-Identifier: MIT
#include "common/ops/conv2d.hpp"

#include "common/core/check.hpp"
#include "common/ops/checks.hpp"

namespace cnn::ops {
namespace {

using detail::Layout;

/// Checks the gradient of the output against the shape that the output had.
void check_grad_y(const Tensor& grad_y, const Shape& x, const Shape& weight, const ConvGeometry& g) {
  detail::check_shape("conv2d_backward", "grad_y", grad_y.shape(), conv2d_output_shape(x, weight, g));
}

}  // namespace

Shape conv2d_output_shape(const Shape& x, const Shape& weight, const ConvGeometry& geometry) {
  detail::check_rank("conv2d", "x", x, "[n, channels, height, width]", 4);
  detail::check_rank("conv2d", "weight", weight, "[out channels, in channels, height, width]", 4);
  CNN_CHECK(x[1] == weight[1], ShapeError,
            "[conv2d] weight expects " + std::to_string(weight[1]) + " input channels, x has " +
                std::to_string(x[1]) + " (x = " + to_string(x) + ", weight = " + to_string(weight) + ")");
  CNN_CHECK(weight[0] >= 1 && weight[1] >= 1, ShapeError,
            "[conv2d] weight needs at least one channel in and out, it is " + to_string(weight));
  const Size2d size =
      detail::window_count("conv2d", {x[2], x[3]}, {weight[2], weight[3]}, geometry.stride, geometry.padding);
  return {x[0], weight[0], size.h, size.w};
}

Tensor conv2d(const Tensor& x, const Tensor& weight, const Tensor* bias, const ConvGeometry& geometry,
              const Epilogue& epilogue, const Prologue* prologue) {
  return conv2d(x, {weight, bias, epilogue, prologue}, geometry);
}

Tensor conv2d(const Tensor& x, const ConvWeights& w, const ConvGeometry& geometry) {
  Backend& backend = detail::backend_of(
      "conv2d", {{"x", &x}, {"weight", &w.weight, Layout::dense}, {"bias", w.bias, Layout::dense}});
  Shape shape = conv2d_output_shape(x.shape(), w.weight.shape(), geometry);
  if (w.bias != nullptr) detail::check_shape("conv2d", "bias", w.bias->shape(), {w.weight.shape()[0]});
  detail::check_epilogue("conv2d", x, shape, w.epilogue);
  if (w.prologue != nullptr)
    detail::check_line("conv2d", "prologue's", x, w.prologue->line, w.weight.shape()[1]);
  Tensor y = Tensor::empty(std::move(shape), x.device());
  if (y.size() > 0) backend.conv2d(y, x, w, geometry);
  return y;
}

Conv2dGrads conv2d_backward(const Tensor& grad_y, const Tensor& x, const Tensor& weight,
                            const ConvGeometry& geometry) {
  Conv2dGrads grads{conv2d_backward_input(grad_y, x.shape(), weight, geometry),
                    Tensor::empty(weight.shape(), weight.device()),
                    Tensor::empty({weight.shape()[0]}, weight.device())};
  conv2d_backward_weight_into(grads.weight, &grads.bias, grad_y, x, geometry);
  return grads;
}

Tensor conv2d_backward_input(const Tensor& grad_y, const Shape& x_shape, const Tensor& weight,
                             const ConvGeometry& geometry) {
  Tensor grad_x = Tensor::empty(x_shape, grad_y.device());
  conv2d_backward_input_into(grad_x, grad_y, weight, geometry);
  return grad_x;
}

void conv2d_backward_input_into(Tensor& grad_x, const Tensor& grad_y, const Tensor& weight,
                                const ConvGeometry& geometry, Write write) {
  Backend& backend = detail::backend_of(
      "conv2d_backward", {{"grad_y", &grad_y}, {"weight", &weight, Layout::dense}, {"grad_x", &grad_x}});
  check_grad_y(grad_y, grad_x.shape(), weight.shape(), geometry);
  if (grad_x.size() > 0) backend.conv2d_backward_input(grad_x, grad_y, weight, geometry, write);
}

void conv2d_backward_weight_into(Tensor& grad_weight, Tensor* grad_bias, const Tensor& grad_y,
                                 const Tensor& x, const ConvGeometry& geometry,
                                 const std::optional<Shards>& shards) {
  Backend& backend = detail::backend_of("conv2d_backward", {{"x", &x},
                                                            {"grad_y", &grad_y},
                                                            {"grad_weight", &grad_weight, Layout::dense},
                                                            {"grad_bias", grad_bias, Layout::dense}});
  check_grad_y(grad_y, x.shape(), grad_weight.shape(), geometry);
  if (grad_bias != nullptr) {
    detail::check_shape("conv2d_backward", "grad_bias", grad_bias->shape(), {grad_weight.shape()[0]});
  }
  backend.conv2d_backward_weight(grad_weight, grad_bias, grad_y, x, geometry,
                                 shards.value_or(Shards::all(x.shape()[0])));
}

}  // namespace cnn::ops
