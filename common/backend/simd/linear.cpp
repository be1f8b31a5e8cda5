// SPDX-License-Identifier: MIT
#include <algorithm>
#include <vector>

#include "common/backend/simd/conv2d.hpp"
#include "common/backend/simd/gemm.hpp"
#include "common/backend/simd/simd_backend.hpp"
#include "common/core/threads.hpp"

// x [n, in], weight W [out, in], y [n, out]:
//
//     forward   y = x W^T + b          backward   dx = dy W,   dW = dy^T x,   db = column sums of dy
//
// The forward pass sums along the rows of both x and W, and is made of products of rows; the others are made of tiles.

namespace cnn {
namespace {

using simd::divide_up;

constexpr Index depth_block = 256;   // of a product made of tiles
constexpr Index row_length = 512;    // of a product of rows: a few of them fit the first-level cache,
constexpr Index rows_in_cache = 96;  // and so many the second-level one
constexpr Index column_block = 64;   // of a sum over rows

/// db[o] = sum over n of dy[n, o], in double within a shard.
void sum_columns(Tensor& sums, const Tensor& grad_y, const Shards& shards) {
  const Index out = grad_y.shape()[1];
  parallel_for(out, column_block, [&](Index first, Index last) {
    float made[shard_count][column_block];
    for (Index k = 0; k < shards.count(); ++k) {
      double part[column_block] = {};
      for (Index i = shards.begin(k); i < shards.begin(k + 1); ++i)
        for (Index o = first; o < last; ++o) part[o - first] += double{grad_y.data()[i * out + o]};
      for (Index o = first; o < last; ++o) made[k][o - first] = static_cast<float>(part[o - first]);
    }
    join_in_pairs(shards.count(), [&](Index to, Index from) {
      for (Index o = 0; o < last - first; ++o) made[to][o] += made[from][o];
    });
    std::copy_n(made[0], last - first, sums.data() + first);
  });
}

}  // namespace

void SimdBackend::linear(Tensor& y, const Tensor& x, const ConvWeights& w) {
  const auto [out, in] = w.weight.dims<2>();
  const Index n = x.shape()[0];
  const Index wide = std::clamp<Index>(divide_up(out, 8), 24, rows_in_cache);  // outputs of a task
  const Index high = std::clamp<Index>(divide_up(n * divide_up(out, wide), 8), 32, 256);
  const Index strips = divide_up(out, wide);
  parallel_for(strips * divide_up(n, high), 1, [&, out = out, in = in](Index task, Index) {
    const Index o = task % strips * wide, outs = std::min(wide, out - o);
    const Index i = task / strips * high, rows = std::min(high, n - i);
    float* const block = y.data() + i * out + o;
    for (Index r = 0; r < rows; ++r) {
      if (w.bias != nullptr) std::copy_n(w.bias->data() + o, outs, block + r * out);
      if (w.bias == nullptr) std::fill_n(block + r * out, outs, 0.0F);
    }
    for (Index k = 0; k < in; k += row_length) {
      simd::add_row_products(block, out, {x.data() + i * in + k, rows, in},
                             {w.weight.data() + o * in + k, outs, in}, std::min(row_length, in - k));
    }
    for (Index r = 0; r < rows && w.epilogue.relu; ++r)
      for (Index k = 0; k < outs; ++k) block[r * out + k] = std::max(block[r * out + k], 0.0F);
  });
}

void SimdBackend::linear_backward_input(Tensor& grad_x, const Tensor& grad_y, const Tensor& weight) {
  const auto [out, in] = weight.dims<2>();
  const simd::PackedRows rows(grad_y.data(), grad_y.shape()[0], out, simd::multiples(out, 1));
  simd::multiply(rows, in, depth_block, simd::pack_matrix(weight.data(), in),
                 simd::store_matrix(grad_x.data(), in));
}

void SimdBackend::linear_backward_weight(Tensor& grad_weight, Tensor* grad_bias, const Tensor& grad_y,
                                         const Tensor& x, const Shards& shards) {
  const auto [out, in] = grad_weight.dims<2>();
  const simd::PackedRows rows(grad_y.data(), out, 1, simd::multiples(grad_y.shape()[0], out));
  simd::multiply_shards(rows, in, shards, simd::pack_matrix(x.data(), in),
                        simd::store_matrix(grad_weight.data(), in));
  if (grad_bias != nullptr) sum_columns(*grad_bias, grad_y, shards);
}

Index simd::linear_scratch(Operation operation, Index n, const Shape& weight) {
  if (operation == Operation::linear) return 0;
  if (operation == Operation::linear_backward_input)
    return multiply_scratch(n, weight[1], weight[0], depth_block);
  return multiply_scratch(weight[0], weight[1], n, n);
}

}  // namespace cnn
