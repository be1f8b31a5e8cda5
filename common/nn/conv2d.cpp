// SPDX-License-Identifier: MIT
#include "common/nn/conv2d.hpp"

#include "common/backend/backend.hpp"
#include "common/ops/conv2d.hpp"

namespace cnn::nn {

Conv2d::Conv2d(Index in_channels, Index out_channels, const Conv2dOptions& options, Rng& rng)
    : Weighted("Conv2d", {out_channels, in_channels, options.kernel.h, options.kernel.w}, options.bias, rng),
      geometry_{.stride = options.stride, .padding = options.padding} {
  CNN_CHECK(options.stride.h > 0 && options.stride.w > 0 && options.padding.h >= 0 && options.padding.w >= 0,
            ShapeError,
            "[Conv2d] stride " + to_string(options.stride) + ", padding " + to_string(options.padding) +
                "; strides start at 1, paddings at 0");
}

Tensor Conv2d::forward(Tensor x) {
  Tensor y = ops::conv2d(x, weight().value, bias(), geometry_, relu_);
  x_.keep(std::move(x), is_training());
  return y;
}

Tensor Conv2d::backward(Tensor grad_y) {
  const Tensor x = x_.take("Conv2d");
  add_grads([&](Tensor& grad_weight, Tensor* grad_bias) {
    ops::conv2d_backward_weight_into(grad_weight, grad_bias, grad_y, x, geometry_);
  });
  if (!is_input_grad_needed()) return {};
  return ops::conv2d_backward_input(grad_y, x.shape(), weight().value, geometry_);
}

ReluShare Conv2d::take_over_relu() {
  relu_ = true;
  return ReluShare::forward;
}

Shape Conv2d::output_shape(const Shape& x) const {
  return ops::conv2d_output_shape(x, weight().value.shape(), geometry_);
}

Cost Conv2d::cost(const Shape& x) const {
  const Index products_per_output = weight().value.size() / weight().value.shape()[0];
  return {.parameters = parameter_count(),
          .macs = element_count(output_shape(x)) * products_per_output,
          .activation_bytes = element_count(x) * size_of(DType::f32),
          .keeps_input = true};
}

Spec Conv2d::spec() const {
  const auto [oc, ic, kh, kw] = weight().value.dims<4>();
  return {.kind = "Conv2d",
          .options = {{"in_channels", std::to_string(ic)},
                      {"out_channels", std::to_string(oc)},
                      {"kernel", to_string(Size2d{kh, kw})},
                      {"stride", to_string(geometry_.stride)},
                      {"padding", to_string(geometry_.padding)},
                      {"bias", bias() != nullptr ? "true" : "false"}},
          .children = {}};
}

Flow Conv2d::trace(const Flow& x) const {
  const Shape& w = weight().value.shape();
  return {
      .shape = output_shape(x.shape), .field = x.field.through({w[2], w[3]}, geometry_.stride), .kept = 0};
}

}  // namespace cnn::nn
