// SPDX-License-Identifier: MIT
#include "common/nn/linear.hpp"

#include "common/ops/linear.hpp"

namespace cnn::nn {

Linear::Linear(Index in_features, Index out_features, Rng& rng, const LinearOptions& options)
    : Weighted("Linear", {out_features, in_features}, options.bias, rng) {}

Tensor Linear::forward(Tensor x) {
  Tensor y = ops::linear(x, operands());
  x_.save(std::move(x), is_training());
  return save_output(std::move(y), is_training());
}

Tensor Linear::backward(Tensor grad_y) {
  grad_y = backward_epilogue(std::move(grad_y), "Linear");
  const Tensor x = x_.take("Linear");
  add_grads([&](Tensor& grad_weight, Tensor* grad_bias) {
    ops::linear_backward_weight_into(grad_weight, grad_bias, grad_y, x, part(x.shape()[0]).shards);
  });
  if (!is_input_grad_needed()) return {};
  return ops::linear_backward_input(grad_y, weight().value);
}

Shape Linear::output_shape(const Shape& x) const {
  const auto [out, in] = weight().value.dims<2>();
  CNN_CHECK(x.size() == 2 && x[1] == in, ShapeError,
            "[Linear] expects [n, " + std::to_string(in) + "], x is " + to_string(x) +
                (x.size() > 2 ? "; put a Flatten before it" : "; give it as many in_features as x has"));
  return {x[0], out};
}

Index Linear::macs(const Shape& x) const { return output_shape(x)[0] * weight().value.size(); }

Spec Linear::spec() const {
  const auto [out, in] = weight().value.dims<2>();
  return with_epilogue({.kind = "Linear",
                        .options = {{"in_features", std::to_string(in)},
                                    {"out_features", std::to_string(out)},
                                    {"bias", bias() != nullptr ? "true" : "false"}}});
}

}  // namespace cnn::nn
