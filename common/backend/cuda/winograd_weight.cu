// SPDX-License-Identifier: MIT

// The pass of the kernel `winograd` to the weights, see winograd.hpp.

#include "common/backend/cuda/conv2d_products.hpp"
#include "common/backend/cuda/multiply.hpp"
#include "common/backend/cuda/shard_sums.hpp"
#include "common/backend/cuda/winograd.hpp"
#include "common/backend/cuda/winograd_tiles.hpp"

namespace cnn::cuda::winograd {
namespace {

/// The tiles of a batch in the order in which they are summed: shard after shard, each filled up with zeros to a multiple of eight.
/// A channel has the 36 numbers of a shard one after the other, [shard, s, t], so that each of the 36 sums of a shard is a slice of
/// k (see Slices) whose length depends on the images of that shard alone.
struct ShardTiles {
  int shards;
  int starts[shard_count + 1] = {};  // the first tile of each shard, in that order
  int images[shard_count + 1] = {};  // the first image of each shard
  int image_tiles;
  Divisor by_image, by_row;

  ShardTiles(const ConvSizes& s, const Shards& parts) : shards(static_cast<int>(parts.count())) {
    const Index row_tiles = (s.ow + outputs - 1) / outputs;
    image_tiles = to_int32(row_tiles * ((s.oh + outputs - 1) / outputs));
    by_image = Divisor(image_tiles);
    by_row = Divisor(row_tiles);
    for (Index k = 0; k < parts.count(); ++k) {
      images[k + 1] = to_int32(parts.begin(k + 1));
      starts[k + 1] = to_int32(starts[k] + (parts.begin(k + 1) - parts.begin(k)) * image_tiles + 7) / 8 * 8;
    }
  }

  int columns() const { return starts[shards]; }
  Slices slices() const {
    Slices all{{}, shards, numbers};
    for (int k = 0; k <= shards; ++k) all.starts[k] = to_int32(Index{numbers} * starts[k]);
    return all;
  }
};

/// A tile's numbers in the memory of its channel.
struct Place {
  int tile;           // of the tensor
  bool exists;        // false if it fills up
  int first, stride;  // of its 36 numbers

  __device__ Place(int t, const ShardTiles& tiles) {
    int start = tiles.starts[0], end = tiles.starts[1], image = tiles.images[0], last_image = tiles.images[1];
#pragma unroll
    for (int k = 1; k < shard_count; ++k) {
      if (k >= tiles.shards || t < tiles.starts[k]) break;
      start = tiles.starts[k];
      end = tiles.starts[k + 1];
      image = tiles.images[k];
      last_image = tiles.images[k + 1];
    }
    tile = image * tiles.image_tiles + t - start;
    exists = tile < last_image * tiles.image_tiles;
    first = numbers * start + t - start;
    stride = end - start;
  }
};

/// V[c, shard, s, t] of x, if tiles are 6 x 6, or D[o, shard, s, t] of grad_y, if they are 4 x 4
template <int size>
__global__ void __launch_bounds__(threads)
    transform_tiles(float* to, InputImages images, int ph, int pw, ShardTiles tiles, int columns) {
  const int t = static_cast<int>(blockIdx.x * threads + threadIdx.x), c = static_cast<int>(blockIdx.y);
  if (t >= columns) return;
  const Place place(t, tiles);
  const Tile tile(place.tile, tiles.by_image, tiles.by_row);
  float pixels[size][size], transformed[side][side];
  read_tile<false>(pixels, images, place.exists, tile.image, c, tile.row - ph, tile.column - pw, {});
  if constexpr (size == side)
    transform_square(pixels, transformed, transform_pixels);
  else
    transform_square(pixels, transformed, transform_gradients);
  to += Index{c} * numbers * columns + place.first;
#pragma unroll
  for (int s = 0; s < numbers; ++s) to[s * place.stride] = transformed[s / side][s % side];
}

/// sums[shard, o, c, :, :] = G^T M[shard, :, o, c] G
__global__ void __launch_bounds__(threads) make_gradients(float* sums, const float* products, int ic) {
  const int c = static_cast<int>(blockIdx.x * threads + threadIdx.x), oc = static_cast<int>(gridDim.y);
  if (c >= ic) return;
  const int o = static_cast<int>(blockIdx.y), shard = static_cast<int>(blockIdx.z);
  float m[side][side], gradient[3][3];
#pragma unroll
  for (int s = 0; s < numbers; ++s)
    m[s / side][s % side] = products[((Index{shard} * numbers + s) * oc + o) * ic + c];
  transform_square(m, gradient, transform_sums);
#pragma unroll
  for (int k = 0; k < 9; ++k) sums[((Index{shard} * oc + o) * ic + c) * 9 + k] = gradient[k / 3][k % 3];
}

/// Rows of the gradient that are made at a time: as many as have their products in 64 MiB.
WeightPlan plan_of(const ConvSizes& s) {
  WeightPlan plan(s.oc, numbers * s.ic, 1);
  plan.columns = s.taps();
  return plan;
}

/// Floats of V, of D and of M.
struct Scratch {
  Index pixels, gradients, products;

  Scratch(const ConvSizes& s, const ShardTiles& tiles, Index rows)
      : pixels(numbers * s.ic * tiles.columns()),
        gradients(numbers * rows * tiles.columns()),
        products(tiles.shards * numbers * rows * s.ic) {
    for (const Index count : {pixels, gradients}) to_int32(count);
  }
  Index floats() const { return pixels + gradients + products; }
};

}  // namespace

void conv2d_backward_weight(Tensor& grad_weight, Tensor* grad_bias, const Tensor& grad_y, const Tensor& x,
                            const ConvSizes& s, const Shards& shards) {
  const ShardTiles tiles(s, shards);
  const WeightPlan plan = plan_of(s);
  const Scratch floats(s, tiles, plan.at_once);
  Tensor scratch = Tensor::empty({floats.floats()}, grad_weight.device());
  float *const v = scratch.data(), *const d = v + floats.pixels, *const m = d + floats.gradients;
  const int columns = tiles.columns(), stride = numbers * columns, ic = to_int32(s.ic);
  const auto transform = [&](auto kernel, float* to, const Tensor& images, Index ph, Index pw) {
    if (columns == 0) return;
    launch(kernel, {.grid = grid(columns, to_int32(images.shape()[1])), .block = threads}, to, input(images),
           to_int32(ph), to_int32(pw), tiles, columns);
  };
  transform(transform_tiles<side>, v, x, s.ph, s.pw);
  make_by_shards(grad_weight, grad_bias, grad_y, shards, plan, [&](float* sums, Index first, Index rows) {
    const int oc = to_int32(rows);
    transform(transform_tiles<outputs>, d, grad_y.channels(first, rows), 0, 0);
    const Product product{Matrix<Along::k>{d, stride, oc, in_quads(d, stride)},
                          Matrix<Along::k>{v, stride, ic, in_quads(v, stride)},
                          Partial{m, oc, ic, in_quads(m, ic)}, tiles.slices()};
    with_tile(product, [&](auto height, auto quads) { launch_vectors<height, quads>(product); });
    launch(make_gradients,
           {.grid = dim3(ceil_div(ic, static_cast<int>(threads)), static_cast<unsigned>(oc),
                         static_cast<unsigned>(tiles.shards)),
            .block = threads},
           sums, m, ic);
  });
}

Index weight_scratch_floats(const ConvSizes& s) {
  const WeightPlan plan = plan_of(s);
  const ShardTiles tiles(s, Shards::all(s.n));
  return Scratch(s, tiles, plan.at_once).floats() + plan.floats(shard_count, true);
}

}  // namespace cnn::cuda::winograd
