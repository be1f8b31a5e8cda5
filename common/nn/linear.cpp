// SPDX-License-Identifier: MIT
#include "common/nn/linear.hpp"

#include "common/ops/linear.hpp"

namespace cnn::nn {

Linear::Linear(Index in_features, Index out_features, Rng& rng, const LinearOptions& options)
    : Weighted("Linear", {out_features, in_features}, options.bias, rng) {}

Tensor Linear::forward(Tensor x) {
  Tensor y = ops::linear(x, weight().value, bias(), relu_);
  x_.keep(std::move(x), is_training());
  return y;
}

Tensor Linear::backward(Tensor grad_y) {
  const Tensor x = x_.take("Linear");
  add_grads([&](Tensor& grad_weight, Tensor* grad_bias) {
    ops::linear_backward_weight_into(grad_weight, grad_bias, grad_y, x);
  });
  if (!is_input_grad_needed()) return {};
  return ops::linear_backward_input(grad_y, weight().value);
}

ReluShare Linear::take_over_relu() {
  relu_ = true;
  return ReluShare::forward;
}

Shape Linear::output_shape(const Shape& x) const {
  const auto [out, in] = weight().value.dims<2>();
  CNN_CHECK(x.size() == 2 && x[1] == in, ShapeError,
            "[Linear] expects [n, " + std::to_string(in) + "], x is " + to_string(x) +
                (x.size() > 2 ? "; put a Flatten before it" : "; give it as many in_features as x has"));
  return {x[0], out};
}

Cost Linear::cost(const Shape& x) const {
  return {.parameters = parameter_count(),
          .macs = output_shape(x)[0] * weight().value.size(),
          .activation_bytes = element_count(x) * size_of(DType::f32),
          .keeps_input = true};
}

Spec Linear::spec() const {
  const auto [out, in] = weight().value.dims<2>();
  return {.kind = "Linear",
          .options = {{"in_features", std::to_string(in)},
                      {"out_features", std::to_string(out)},
                      {"bias", bias() != nullptr ? "true" : "false"}},
          .children = {}};
}

Flow Linear::trace(const Flow& x) const {
  return {.shape = output_shape(x.shape), .field = {.all = true}, .kept = 0};
}

}  // namespace cnn::nn
