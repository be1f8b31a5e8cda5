// SPDX-License-Identifier: MIT
#include "common/nn/batch_norm.hpp"

#include <fmt/format.h>

#include <vector>

#include "common/core/check.hpp"
#include "common/ops/batch_norm.hpp"

namespace cnn::nn {
namespace {

Tensor filled(Index count, float value) {
  return Tensor::from_values({count}, std::vector<float>(static_cast<std::size_t>(count), value));
}

}  // namespace

BatchNorm::BatchNorm(std::string kind, std::size_t rank, Index channels, const BatchNormOptions& options)
    : kind_(std::move(kind)), rank_(rank), options_(options) {
  CNN_CHECK(channels > 0, ShapeError, fmt::format("[{}] {} channels; give at least 1", kind_, channels));
  CNN_CHECK(options.epsilon >= 0 && options.momentum >= 0 && options.momentum <= 1, UsageError,
            fmt::format("[{}] epsilon {}, momentum {}; epsilon starts at 0, the momentum lies in 0 ... 1",
                        kind_, options.epsilon, options.momentum));
  weight_.value = filled(channels, 1);
  bias_.value = filled(channels, 0);
  running_mean_.value = filled(channels, 0);
  running_var_.value = filled(channels, 1);
  num_batches_tracked_.value = Tensor::zeros({}, {}, DType::i64);
}

Tensor BatchNorm::forward(Tensor x) {
  output_shape(x.shape());  // throws if x does not fit
  if (is_training()) return train_forward(std::move(x));
  state_.save({}, false);
  if (folded_) return x;
  return ops::normalize(std::move(x), {running_mean_.value, running_var_.value, weight_.value, bias_.value,
                                       options_.epsilon, epilogue()});
}

Tensor BatchNorm::train_forward(Tensor x) {
  const BatchPart part = this->part(x.shape()[0]);
  const Index pixels = rank_ == 4 ? x.shape()[2] * x.shape()[3] : 1;
  CNN_CHECK(part.shards.images * pixels > 1, ShapeError,
            fmt::format(
                "[{}] expected more than 1 value per channel when training, x is {}; use a larger batch, or "
                "train(false)",
                kind_, to_string(x.shape())));
  const RunningStatistics running{running_mean_.value, running_var_.value, options_.momentum};
  auto [y, mean, variance] =
      ops::batch_norm(x, weight_.value, bias_.value, options_.epsilon, epilogue(), &running, part);
  ++*num_batches_tracked_.value.labels();
  state_.save({std::move(x), std::move(mean), std::move(variance)}, true);
  return y;
}

Tensor BatchNorm::backward(Tensor grad_y) {
  const auto [x, mean, variance] = state_.take(kind_);
  const Normalization norm{mean, variance, weight_.value, bias_.value, options_.epsilon, epilogue()};
  auto grads = ops::batch_norm_backward(std::move(grad_y), x, norm, part(x.shape()[0]));
  add_grad(weight_, std::move(grads.weight));
  add_grad(bias_, std::move(grads.bias));
  return std::move(grads.x);
}

Shape BatchNorm::output_shape(const Shape& x) const {
  CNN_CHECK(x.size() == rank_ && x[1] == channels(), ShapeError,
            fmt::format("[{}] expects [n, {}{}], x is {}", kind_, channels(), rank_ == 4 ? ", h, w" : "",
                        to_string(x)));
  return x;
}

Spec BatchNorm::spec() const {
  return with_epilogue({.kind = kind_,
                        .options = {{rank_ == 4 ? "channels" : "features", std::to_string(channels())},
                                    {"epsilon", fmt::format("{}", options_.epsilon)},
                                    {"momentum", fmt::format("{}", options_.momentum)}}});
}

}  // namespace cnn::nn
