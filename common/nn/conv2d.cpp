// SPDX-License-Identifier: MIT
#include "common/nn/conv2d.hpp"

#include "common/backend/operation.hpp"
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
  Tensor y = ops::conv2d(x, operands(), geometry_);
  x_.save(std::move(x), is_training());
  return save_output(std::move(y), is_training());
}

Tensor Conv2d::backward(Tensor grad_y) {
  grad_y = backward_epilogue(std::move(grad_y), "Conv2d");
  const Tensor x = x_.take("Conv2d");
  add_grads([&](Tensor& grad_weight, Tensor* grad_bias) {
    ops::conv2d_backward_weight_into(grad_weight, grad_bias, grad_y, x, geometry_, part(x.shape()[0]).shards);
  });
  if (!is_input_grad_needed()) return {};
  return ops::conv2d_backward_input(grad_y, x.shape(), weight().value, geometry_);
}

Shape Conv2d::output_shape(const Shape& x) const {
  return ops::conv2d_output_shape(x, weight().value.shape(), geometry_);
}

Index Conv2d::macs(const Shape& x) const {
  const Index products_per_output = weight().value.size() / weight().value.shape()[0];
  return element_count(output_shape(x)) * products_per_output;
}

Spec Conv2d::spec() const {
  const auto [oc, ic, kh, kw] = weight().value.dims<4>();
  return with_epilogue({.kind = "Conv2d",
                        .options = {{"in_channels", std::to_string(ic)},
                                    {"out_channels", std::to_string(oc)},
                                    {"kernel", to_string(Size2d{kh, kw})},
                                    {"stride", to_string(geometry_.stride)},
                                    {"padding", to_string(geometry_.padding)},
                                    {"bias", bias() != nullptr ? "true" : "false"}}});
}

ReceptiveField Conv2d::receptive_field(const ReceptiveField& x) const {
  const Shape& w = weight().value.shape();
  return x.through({w[2], w[3]}, geometry_.stride);
}

}  // namespace cnn::nn
