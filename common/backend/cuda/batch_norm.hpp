// SPDX-License-Identifier: MIT
#pragma once

#include "common/backend/cuda/cuda_backend.hpp"
#include "common/backend/cuda/for_each.hpp"
#include "common/backend/cuda/quads.hpp"
#include "common/backend/cuda/sums.hpp"

// What both passes of a batch normalization have in common. Shapes: x, y [n, c, h, w] (rows [n, c] have one pixel), mean,
// variance, weight, bias [c]; gradients like what they belong to. The sums over a channel are made by one block for each shard,
// joined in pairs by one thread for each channel, and used by one thread for each element. Doubles appear in what is done once for
// a thread or for a channel.
namespace cnn::cuda::batch_norm {

constexpr unsigned threads = 256;  ///< of a block that sums
constexpr unsigned warps = 32;     ///< at most in a block

/// A thread's walk over the values of a channel in the images of a shard: first value t, then every 256th.
struct Walk {
  int pixels, image, pixel, last;

  __device__ Walk(int pixels_of_image, const ShardTable& shards, unsigned shard)
      : pixels(pixels_of_image),
        image(shards.begin[shard] + static_cast<int>(threadIdx.x) / pixels),
        pixel(static_cast<int>(threadIdx.x) % pixels),
        last(shards.begin[shard + 1]) {}

  __device__ bool goes_on() const { return image < last; }
  __device__ void step() {
    image += static_cast<int>(threads) / pixels;
    pixel += static_cast<int>(threads) % pixels;
    if (pixel < pixels) return;
    pixel -= pixels;
    ++image;
  }
};

/// The two sums of each channel of each shard, [shards, 2, c].
struct PairsOfSums {
  double* data;
  int shards, channels;

  __device__ double& at(int shard, int which, Index c) const {
    return data[(Index{shard} * 2 + which) * channels + c];
  }
  /// \param which  0 or 1
  /// \param c      channel
  /// \return       its sum over all shards
  __device__ double joined(int which, Index c) const {
    double sums[shard_count] = {};
    for (int k = 0; k < shards; ++k) sums[k] = at(k, which, c);
    return join_shards(sums, shards);
  }
};

/// What a normalization is made of, [c] each.
struct Parameters {
  const float *mean, *variance, *weight, *bias;
  double epsilon;

  explicit Parameters(const Normalization& n)
      : mean(n.mean.data()),
        variance(n.variance.data()),
        weight(n.weight.data()),
        bias(n.bias.data()),
        epsilon(n.epsilon) {}

  __device__ double inverse_deviation(Index c) const { return 1 / sqrt(double{variance[c]} + epsilon); }
  __device__ float scale(Index c) const {
    return static_cast<float>(double{weight[c]} / sqrt(double{variance[c]} + epsilon));
  }
  /// The backward pass of a ReLU behind it needs the same bits.
  /// \param x      a value
  /// \param c      its channel
  /// \param scale  scale(c)
  /// \return       y of it
  __device__ float y(float x, Index c, float scale) const {
    return __fadd_rn(__fmul_rn(__fsub_rn(x, mean[c]), scale), bias[c]);
  }
};

/// Joins the shards of each channel for the other processes.
struct Join {
  PairsOfSums sums, joined;
  __device__ void operator()(Index which, Index c) const {
    joined.at(0, static_cast<int>(which), c) = sums.joined(static_cast<int>(which), c);
  }
};

/// Elements of a channel of an image.
inline int pixels_of(const Tensor& x) { return x.rank() == 2 ? 1 : to_int32(x.shape()[2] * x.shape()[3]); }

/// The sums of a part of a batch and, in the row behind them, those of the whole batch.
class Sums {
 public:
  Sums(const Tensor& x, const BatchPart& part)
      : part_(part),
        pairs_(Tensor::empty({part.shards.count() + 1, 2, x.shape()[1]}, x.device(), DType::f64)) {}

  /// \return those of the shards of this process
  PairsOfSums of_part() { return rows(0, part_.shards.count()); }
  /// \return those over the batch: what other processes have is joined with them, if there are any
  PairsOfSums of_batch() {
    if (part_.processes == nullptr || part_.processes->size() == 1) return of_part();
    const Index behind = part_.shards.count();
    for_each(2, pairs_.shape()[2], Join{of_part(), rows(behind, 1)});
    Tensor joined = pairs_.rows(behind, 1);
    part_.join(joined);
    return rows(behind, 1);
  }

 private:
  PairsOfSums rows(Index first, Index count) {
    return {pairs_.rows(first, count).doubles(), to_int32(count), to_int32(pairs_.shape()[2])};
  }

  const BatchPart& part_;
  Tensor pairs_;  // f64, [shards + 1, 2, c]
};

/// A block for each channel of each shard.
inline Grid block_for_each_sum(const PairsOfSums& sums) {
  return {dim3(static_cast<unsigned>(sums.channels), static_cast<unsigned>(sums.shards)), threads};
}

/// Values of a channel in the batch.
inline double values_of_channel(const Tensor& x, const BatchPart& part) {
  return static_cast<double>(part.shards.images * pixels_of(x));
}

}  // namespace cnn::cuda::batch_norm
