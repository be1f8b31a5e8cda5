// SPDX-License-Identifier: MIT
#include "common/nn/weighted.hpp"

#include <algorithm>
#include <cmath>

#include "common/core/check.hpp"

namespace cnn::nn {
namespace {

Tensor uniform(const Shape& shape, double bound, Rng& rng) {
  Tensor tensor = Tensor::empty(shape);
  rng.fill_uniform(tensor.values(), static_cast<float>(-bound), static_cast<float>(bound));
  return tensor;
}

/// 1 / sqrt(fan_in) the long way round, as PyTorch computes it for weights: the last bit depends on it.
double weight_bound(double fan_in) {
  const double a = std::sqrt(5.0);
  const double gain = std::sqrt(2.0 / (1.0 + a * a));
  return std::sqrt(3.0) * (gain / std::sqrt(fan_in));
}

}  // namespace

Weighted::Weighted(const std::string& kind, const Shape& weight_shape, bool with_bias, Rng& rng) {
  const bool all_positive =
      std::all_of(weight_shape.begin(), weight_shape.end(), [](Index size) { return size > 0; });
  CNN_CHECK(all_positive, ShapeError,
            "[" + kind + "] the weight would be " + to_string(weight_shape) + "; sizes start at 1");
  const auto fan_in = static_cast<double>(element_count(weight_shape) / weight_shape[0]);
  weight_.value = uniform(weight_shape, weight_bound(fan_in), rng);
  if (with_bias) bias_.value = uniform({weight_shape[0]}, 1.0 / std::sqrt(fan_in), rng);
}

std::vector<Parameter*> Weighted::own_parameters() {
  if (bias() == nullptr) return {&weight_};
  return {&weight_, &bias_};
}

ConvWeights Weighted::operands() {
  if (!prepared_ || is_training()) return {weight_.value, bias(), epilogue()};
  const Tensor* const added = prepared_->bias.defined() ? &prepared_->bias : nullptr;
  const Prologue* const before = prepared_->prologue ? &*prepared_->prologue : nullptr;
  return {prepared_->weight, added, epilogue(), before, &prepared_->kept};
}

void Weighted::add_grads(const std::function<void(Tensor& grad_weight, Tensor* grad_bias)>& write) {
  Tensor grad_weight = Tensor::empty(weight_.value.shape(), weight_.value.device());
  Tensor grad_bias = bias() != nullptr ? Tensor::empty(bias()->shape(), bias()->device()) : Tensor{};
  write(grad_weight, bias() != nullptr ? &grad_bias : nullptr);
  add_grad(weight_, std::move(grad_weight));
  if (bias() != nullptr) add_grad(bias_, std::move(grad_bias));
}

}  // namespace cnn::nn
