// SPDX-License-Identifier: MIT
#include "common/backend/batch_norm_sums.hpp"

#include <algorithm>
#include <cmath>

namespace cnn {

BatchNormSums::BatchNormSums(Index channels, const BatchPart& part)
    : channels_(channels),
      part_(part),
      sums_(Tensor::zeros({part.shards.count(), 2, channels}, {}, DType::f64)) {}

void BatchNormSums::finish(const BatchStatistics& statistics, Index pixels) {
  join();
  const auto m = static_cast<double>(part_.shards.images * pixels);
  const auto follow = [&](float& average, double of_batch, double correction) {
    const double momentum = statistics.running->momentum;
    average = static_cast<float>(momentum * correction * of_batch + (1 - momentum) * double{average});
  };
  for (Index c = 0; c < channels_; ++c) {
    float& mean = statistics.mean.data()[c];
    float& variance = statistics.variance.data()[c];
    const double average = first()[c] / m;
    mean = static_cast<float>(average);
    variance = static_cast<float>(std::max(second()[c] / m - average * average, 0.0));
    if (statistics.running == nullptr) continue;
    follow(statistics.running->mean.data()[c], double{mean}, 1);
    follow(statistics.running->variance.data()[c], double{variance}, m / (m - 1));
  }
}

void BatchNormSums::finish(Tensor& grad_weight, Tensor& grad_bias, const Normalization& norm) {
  for (Index c = 0; c < channels_; ++c) {
    const double inverse = inverse_deviation(norm, c);
    const auto sum = [&](const auto& of_shard) {  // processes join floats, and so do shards
      float sums[shard_count];
      for (Index k = 0; k < part_.shards.count(); ++k) sums[k] = static_cast<float>(of_shard(k));
      join_in_pairs(part_.shards.count(), [&](Index to, Index from) { sums[to] += sums[from]; });
      return sums[0];
    };
    grad_bias.data()[c] = sum([&](Index k) { return first(k)[c]; });
    grad_weight.data()[c] = sum([&](Index k) { return second(k)[c] * inverse; });
  }
  join();
}

void BatchNormSums::join() {
  join_in_pairs(part_.shards.count(), [&](Index to, Index from) {
    for (Index k = 0; k < 2 * channels_; ++k) first(to)[k] += first(from)[k];
  });
  Tensor joined = sums_.rows(0, 1);
  part_.join(joined);
}

double inverse_deviation(const Normalization& norm, Index c) {
  return 1 / std::sqrt(double{norm.variance.data()[c]} + norm.epsilon);
}

}  // namespace cnn
