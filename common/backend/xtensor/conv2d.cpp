// SPDX-License-Identifier: MIT
#include <algorithm>

#include "common/backend/xtensor/gemm.hpp"
#include "common/backend/xtensor/im2col.hpp"
#include "common/backend/xtensor/xtensor_backend.hpp"
#include "common/core/threads.hpp"

// With X the windows of a group of images as columns, [taps, images * pixels], and Y, W the output and the kernels as
// matrices, [oc, images * pixels] and [oc, taps]:
//
//     forward   Y = W X          backward   dX = W^T dY,   dW = dY X^T
//
// The product has the channels of all images of the group beside each other, a batch has them image after image: hence the
// copies between "side by side" and the tensors.

namespace cnn {
namespace {

constexpr Index matrix_elements = Index{1} << 17;  // 512 KiB: a matrix of columns that stays in the cache
constexpr Index most_pieces = 8;                   // enough for the threads of a small machine

Index divide_up(Index a, Index b) { return (a + b - 1) / b; }

/// Images whose columns make one matrix: the product of one small image alone would not keep BLAS busy.
Index images_per_group(const ConvSizes& s) {
  return std::clamp<Index>(matrix_elements / (s.taps() * s.pixels()), 1,
                           divide_up(std::max<Index>(s.n, 1), most_pieces));
}

/// Images first ... last - 1 of x as columns, [taps, images * pixels].
Tensor columns_of(const Tensor& x, Index first, Index last, const ConvSizes& s) {
  const Index width = (last - first) * s.pixels();
  Tensor columns = Tensor::empty({s.taps(), width});
  for (Index n = first; n < last; ++n) {
    im2col(columns.data() + (n - first) * s.pixels(), width, x.data() + n * x.image_stride(), s);
  }
  return columns;
}

/// Images first ... last - 1 of y side by side, [oc, images * pixels].
Tensor side_by_side(const Tensor& y, Index first, Index last, const ConvSizes& s) {
  const Index width = (last - first) * s.pixels();
  Tensor matrix = Tensor::empty({s.oc, width});
  for (Index n = first; n < last; ++n)
    for (Index o = 0; o < s.oc; ++o) {
      std::copy_n(y.data() + n * y.image_stride() + o * s.pixels(), s.pixels(),
                  matrix.data() + o * width + (n - first) * s.pixels());
    }
  return matrix;
}

/// The way back, adding the bias of each channel; a ReLU that follows finds the numbers in the cache.
void image_by_image(Tensor& y, const Tensor& matrix, const ConvWeights& w, Index first, Index last,
                    const ConvSizes& s) {
  const float least = w.epilogue.least();
  const Index width = (last - first) * s.pixels();
  for (Index n = first; n < last; ++n)
    for (Index o = 0; o < s.oc; ++o) {
      const float b = w.bias == nullptr ? 0.0F : w.bias->data()[o];
      const float* const from = matrix.data() + o * width + (n - first) * s.pixels();
      std::transform(from, from + s.pixels(), y.data() + n * y.image_stride() + o * s.pixels(),
                     [b, least](float value) { return std::max(value + b, least); });
    }
}

/// Sum in double, in four parts that do not wait for each other.
double sum_of(const float* values, Index count) {
  double part[4] = {};
  Index k = 0;
  for (; k + 4 <= count; k += 4)
    for (Index lane = 0; lane < 4; ++lane) part[lane] += double{values[k + lane]};
  for (; k < count; ++k) part[0] += double{values[k]};
  return (part[0] + part[1]) + (part[2] + part[3]);
}

void sum_over_images(Tensor& grad_bias, const Tensor& grad_y, const ConvSizes& s) {
  parallel_for(s.oc, 1, [&](Index first, Index last) {
    for (Index o = first; o < last; ++o) {
      double sum = 0;
      for (Index n = 0; n < s.n; ++n) {
        sum += sum_of(grad_y.data() + n * grad_y.image_stride() + o * s.pixels(), s.pixels());
      }
      grad_bias.data()[o] = static_cast<float>(sum);
    }
  });
}

}  // namespace

//! [forward]
void XtensorBackend::conv2d(Tensor& y, const Tensor& x,  // [n, channels, h, w]
                            const ConvWeights& w, const ConvGeometry& g) {
  const ConvSizes s = conv_sizes(x.shape(), w.weight.shape(), g);
  parallel_for(s.n, images_per_group(s), [&](Index first, Index last) {
    const Index width = (last - first) * s.pixels();
    const Tensor columns = columns_of(x, first, last, s);
    Tensor rows = Tensor::empty({s.oc, width});
    gemm(matrix(rows.data(), s.oc, width), matrix(w.weight.data(), s.oc, s.taps()),
         matrix(columns.data(), s.taps(), width));
    image_by_image(y, rows, w, first, last, s);
  });
}
//! [forward]

//! [backward input]
void XtensorBackend::conv2d_backward_input(  // the columns' gradients, added up
    Tensor& grad_x, const Tensor& grad_y,    // [n, ic, ih, iw], [n, oc, oh, ow]
    const Tensor& weight, const ConvGeometry& g, Write) {
  const ConvSizes s = conv_sizes(grad_x.shape(), weight.shape(), g);
  parallel_for(s.n, images_per_group(s), [&](Index first, Index last) {
    const Index width = (last - first) * s.pixels();
    const Tensor rows = side_by_side(grad_y, first, last, s);
    Tensor columns = Tensor::empty({s.taps(), width});
    gemm(matrix(columns.data(), s.taps(), width),           // [ic kh kw, n oh ow]
         transpose(matrix(weight.data(), s.oc, s.taps())),  // [ic kh kw, oc]
         matrix(rows.data(), s.oc, width));
    for (Index n = first; n < last; ++n) {
      float* const image = grad_x.data() + n * grad_x.image_stride();
      std::fill_n(image, s.ic * s.ih * s.iw, 0.0F);
      col2im(image, columns.data() + (n - first) * s.pixels(), width, s);
    }
  });
}
//! [backward input]

void XtensorBackend::conv2d_backward_weight(Tensor& grad_weight, Tensor* grad_bias, const Tensor& grad_y,
                                            const Tensor& x, const ConvGeometry& g, const Shards& shards) {
  const ConvSizes s = conv_sizes(x.shape(), grad_weight.shape(), g);
  if (grad_bias != nullptr) sum_over_images(*grad_bias, grad_y, s);
  // One sum for each shard of the batch, joined in pairs: the same bits with any threads.
  const Index size = s.oc * s.taps();
  Tensor sums = Tensor::zeros({shards.count(), size});
  parallel_for(shards.count(), 1, [&](Index k, Index) {
    const Matrix<float> sum = matrix(sums.data() + k * size, s.oc, s.taps());
    const Index group = images_per_group(s), first = shards.begin(k), last = shards.begin(k + 1);
    for (Index from = first; from < last; from += group) {
      const Index to = std::min(from + group, last);
      const Index width = (to - from) * s.pixels();
      const Tensor rows = side_by_side(grad_y, from, to, s);
      const Tensor columns = columns_of(x, from, to, s);
      gemm(sum, matrix(rows.data(), s.oc, width), transpose(matrix(columns.data(), s.taps(), width)),
           from == first ? 0.0F : 1.0F);
    }
  });
  join_in_pairs(shards.count(), [&](Index to, Index from) {
    Tensor sum = sums.rows(to, 1);
    below().add_scaled(sum, sums.rows(from, 1), 1.0F, {});
  });
  std::copy_n(sums.data(), size, grad_weight.data());
}

Index XtensorBackend::scratch_bytes(Operation operation, const Shape& x, const Shape& weight,
                                    const ConvGeometry& g) const {
  if (x.size() != 4 || x[0] == 0) return 0;  // a linear layer needs none
  const ConvSizes s = conv_sizes(x, weight, g);
  const bool of_weight = operation == Operation::conv2d_backward_weight;
  const Index tasks = of_weight ? shard_count : divide_up(s.n, images_per_group(s));
  const Index group =
      of_weight ? std::min(images_per_group(s), Shards::all(s.n).most_images()) : images_per_group(s);
  const Index matrices = (s.taps() + s.oc) * group * s.pixels();  // the columns, and the output side by side
  const Index sums = of_weight ? tasks * s.oc * s.taps() : 0;
  return (std::min<Index>(thread_count(), tasks) * matrices + sums) * size_of(DType::f32);
}

}  // namespace cnn
