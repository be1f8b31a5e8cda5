// SPDX-License-Identifier: MIT

// Convolution, one thread for each number of the output. Letters as in oneDNN; output pixel (i, j) meets kernel element (u, v)
// at input pixel (i sh + u - ph, j sw + v - pw).

#include "common/backend/conv_sizes.hpp"
#include "common/backend/cuda/cuda_backend.hpp"
#include "common/backend/cuda/for_each.hpp"
#include "common/backend/cuda/sums.hpp"

namespace cnn {
namespace cuda {
namespace {

struct Sizes {
  int ic, oc, ih, iw, oh, ow, kh, kw, sh, sw, ph, pw;

  Sizes(const Shape& x, const Shape& weight, const ConvGeometry& g) {
    const ConvSizes s = conv_sizes(x, weight, g);
    ic = to_int(s.ic), oc = to_int(s.oc), ih = to_int(s.ih), iw = to_int(s.iw), oh = to_int(s.oh);
    ow = to_int(s.ow), kh = to_int(s.kh), kw = to_int(s.kw), sh = to_int(s.sh), sw = to_int(s.sw);
    ph = to_int(s.ph), pw = to_int(s.pw);
  }
};

/// y_{o,i,j} = b_o + sum_{c,u,v} x_{c, i sh + u - ph, j sw + v - pw} w_{o,c,u,v}
struct Forward {
  Images<float> y;
  Images<const float> x;
  const float *weight, *bias;
  Sizes s;
  bool ends_with_relu;

  __device__ void operator()(Index n, Index k) const {
    const int pixel = static_cast<int>(k) % (s.oh * s.ow), o = static_cast<int>(k) / (s.oh * s.ow);
    const int top = pixel / s.ow * s.sh - s.ph, left = pixel % s.ow * s.sw - s.pw;
    const float* w = weight + Index{o} * s.ic * s.kh * s.kw;
    CompensatedSum sum;
    if (bias != nullptr) sum.add(bias[o]);
    for (int c = 0; c < s.ic; ++c)
      for (int u = 0; u < s.kh; ++u)
        for (int v = 0; v < s.kw; ++v, ++w) {
          const int row = top + u, column = left + v;
          if (row < 0 || row >= s.ih || column < 0 || column >= s.iw) continue;
          sum.add(x(n, (Index{c} * s.ih + row) * s.iw + column) * *w);
        }
    y(n, k) = ends_with_relu ? relu(sum.sum) : sum.sum;
  }
};

/// grad_x_{c,r,q} = sum of grad_y_{o,i,j} w_{o,c,u,v} over all that met pixel (r, q)
struct BackwardInput {
  Images<float> grad_x;
  Images<const float> grad_y;
  const float* weight;
  Sizes s;

  __device__ void operator()(Index n, Index k) const {
    const int pixel = static_cast<int>(k) % (s.ih * s.iw), c = static_cast<int>(k) / (s.ih * s.iw);
    CompensatedSum sum;
    for (int o = 0; o < s.oc; ++o)
      for (int u = 0; u < s.kh; ++u)
        for (int v = 0; v < s.kw; ++v) {
          const int row = pixel / s.iw + s.ph - u, column = pixel % s.iw + s.pw - v;
          if (row < 0 || column < 0 || row % s.sh != 0 || column % s.sw != 0) continue;
          if (row / s.sh >= s.oh || column / s.sw >= s.ow) continue;
          sum.add(grad_y(n, (Index{o} * s.oh + row / s.sh) * s.ow + column / s.sw) *
                  weight[((Index{o} * s.ic + c) * s.kh + u) * s.kw + v]);
        }
    grad_x(n, k) = sum.sum;
  }
};

/// grad_w_{o,c,u,v} = sum_{n,i,j} grad_y_{n,o,i,j} x_{n, c, i sh + u - ph, j sw + v - pw}, by shards of the images
struct BackwardWeight {
  float* grad_weight;
  Images<const float> grad_y, x;
  Sizes s;
  ShardTable shards;

  __device__ float of_shard(int shard, int o, int c, int u, int v) const {
    CompensatedSum sum;
    for (int n = shards.begin[shard]; n < shards.begin[shard + 1]; ++n)
      for (int i = 0; i < s.oh; ++i)
        for (int j = 0; j < s.ow; ++j) {
          const int row = i * s.sh + u - s.ph, column = j * s.sw + v - s.pw;
          if (row < 0 || row >= s.ih || column < 0 || column >= s.iw) continue;
          sum.add(grad_y(n, (Index{o} * s.oh + i) * s.ow + j) *
                  x(n, (Index{c} * s.ih + row) * s.iw + column));
        }
    return sum.sum;
  }
  __device__ void operator()(Index, Index k) const {
    const int place = static_cast<int>(k);
    const int v = place % s.kw, u = place / s.kw % s.kh, c = place / s.kw / s.kh % s.ic;
    float sums[shard_count] = {};
    for (int shard = 0; shard < shards.count; ++shard)
      sums[shard] = of_shard(shard, place / s.kw / s.kh / s.ic, c, u, v);
    grad_weight[k] = join_shards(sums, shards.count);
  }
};

/// grad_b_o = sum_{n,i,j} grad_y_{n,o,i,j}, by shards of the images
struct BackwardBias {
  float* grad_bias;
  Images<const float> grad_y;
  int pixels;
  ShardTable shards;

  __device__ void operator()(Index, Index o) const {
    float sums[shard_count] = {};
    for (int shard = 0; shard < shards.count; ++shard) {
      CompensatedSum sum;
      for (int n = shards.begin[shard]; n < shards.begin[shard + 1]; ++n)
        for (int k = 0; k < pixels; ++k) sum.add(grad_y(n, o * pixels + k));
      sums[shard] = sum.sum;
    }
    grad_bias[o] = join_shards(sums, shards.count);
  }
};

}  // namespace
}  // namespace cuda

using namespace cuda;

Index CudaBackend::scratch_bytes(Operation, const Shape&, const Shape&, const ConvGeometry&) const {
  return 0;
}

void CudaBackend::conv2d(Tensor& y, const Tensor& x, const ConvWeights& w, const ConvGeometry& g) {
  const float* const bias = w.bias == nullptr ? nullptr : w.bias->data();
  const Sizes s(x.shape(), w.weight.shape(), g);
  const Forward f{images(y), images(x), w.weight.data(), bias, s, w.epilogue.relu};
  for_each(x.shape()[0], Index{s.oc} * s.oh * s.ow, f);
}

void CudaBackend::conv2d_backward_input(Tensor& grad_x, const Tensor& grad_y, const Tensor& weight,
                                        const ConvGeometry& g, Write) {
  const Sizes s(grad_x.shape(), weight.shape(), g);
  const BackwardInput f{images(grad_x), images(grad_y), weight.data(), s};
  for_each(grad_x.shape()[0], Index{s.ic} * s.ih * s.iw, f);
}

void CudaBackend::conv2d_backward_weight(Tensor& grad_weight, Tensor* grad_bias, const Tensor& grad_y,
                                         const Tensor& x, const ConvGeometry& g, const Shards& shards) {
  const Sizes s(x.shape(), grad_weight.shape(), g);
  const ShardTable table(shards);
  for_each(1, grad_weight.size(), BackwardWeight{grad_weight.data(), images(grad_y), images(x), s, table});
  if (grad_bias == nullptr) return;
  for_each(1, s.oc, BackwardBias{grad_bias->data(), images(grad_y), s.oh * s.ow, table});
}

}  // namespace cnn
