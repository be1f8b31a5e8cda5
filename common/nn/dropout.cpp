// SPDX-License-Identifier: MIT
#include "common/nn/dropout.hpp"

#include <fmt/format.h>

#include "common/core/check.hpp"
#include "common/ops/checks.hpp"
#include "common/ops/dropout.hpp"

namespace cnn::nn {

Dropout::Dropout(double p, Rng& rng) : p_(p), rng_(&rng) {
  CNN_CHECK(p >= 0 && p <= 1, UsageError, fmt::format("[Dropout] {} is not a probability; give 0 ... 1", p));
}

//! [dropout]
Tensor Dropout::forward(Tensor x) {
  State state{{}, x.shape()};
  if (is_training() && p_ > 0) {
    const Shards shards = part(x.shape()[0]).shards;
    Shape whole = x.shape();
    whole[0] = shards.images;
    const Tensor mask = ops::dropout_mask(whole, p_, *rng_, x.device());
    state.mask = mask.rows(shards.first_image(), x.shape()[0]);
    x = ops::dropout(std::move(x), state.mask, p_);
  }
  state_.save(std::move(state), is_training());
  return x;
}

Tensor Dropout::backward(Tensor grad_y) {
  const State state = state_.take("Dropout");
  ops::detail::check_shape("Dropout", "grad_y", grad_y.shape(), state.shape);
  if (!state.mask.defined()) return grad_y;
  return ops::dropout(std::move(grad_y), state.mask, p_);
}
//! [dropout]

Spec Dropout::spec() const { return {.kind = "Dropout", .options = {{"p", fmt::format("{}", p_)}}}; }

}  // namespace cnn::nn
