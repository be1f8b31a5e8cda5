// SPDX-License-Identifier: MIT
#include "common/backend/cuda/cublas.hpp"

#include "common/backend/cuda/blas.hpp"
#include "common/backend/cuda/conv2d_products.hpp"
#include "common/backend/cuda/im2col.hpp"
#include "common/backend/cuda/shard_sums.hpp"

namespace cnn::cuda::cublas {
namespace {

constexpr Index piece_floats = 64 << 18;  // 64 MiB

/// What is made of the matrix of windows at a time: all channels of some images, or some of one.
struct Piece {
  Index images, channels;
  Index floats;  // of the columns

  /// \param s          sizes
  /// \param images_    that there are
  /// \param beside     floats of an image that are made as well
  /// \param in_memory  whether the images are the columns, so that none are made
  Piece(const ConvSizes& s, Index images_, Index beside, bool in_memory) {
    constexpr Index most_images = 65535;  // that cuBLAS takes
    const Index of_channel = s.kh * s.kw * s.pixels();
    const Index fit = in_memory ? most_images : piece_floats / std::max(of_channel * s.ic, beside);
    images = std::clamp<Index>(fit, 1, std::clamp<Index>(images_, 1, most_images));
    channels = in_memory || images > 1 ? s.ic : std::clamp<Index>(piece_floats / of_channel, 1, s.ic);
    floats = in_memory ? 0 : images * channels * of_channel;
  }
};

Piece forward_piece(const ConvSizes& s, bool prepares) { return {s, s.n, 0, is_pointwise(s) && !prepares}; }

/// For sums over images these stand side by side, those of grad_y too.
struct WeightPieces {
  WeightPlan plan;
  Piece piece;
  Index row_floats;  // of grad_y

  WeightPieces(const ConvSizes& s, Index images)
      : plan(s.oc, s.taps(), 1),
        piece(s, images, plan.at_once * s.pixels(), false),
        row_floats(piece.images * plan.at_once * s.pixels()) {}
  Index floats() const { return piece.floats + row_floats; }
};

/// Work space on the device of a tensor: that of cuBLAS, and numbers of ours behind it.
struct WorkSpace {
  Tensor all;
  Blas blas;

  WorkSpace(const Tensor& like, Index floats)
      : all(Tensor::empty({Blas::workspace_floats() + floats}, like.device())), blas(all.data()) {}
  float* data() { return all.data() + Blas::workspace_floats(); }
};

/// Calls work(first image, images, first channel, channels) for each piece of a convolution.
template <typename Work>
void for_each_piece(const ConvSizes& s, const Piece& piece, Index first, Index last, const Work& work) {
  for (Index n = first; n < last; n += piece.images)
    for (Index c = 0; c < s.ic; c += piece.channels)
      work(n, std::min(piece.images, last - n), c, std::min(piece.channels, s.ic - c));
}

Range range(Index first, Index count) { return {to_int32(first), to_int32(first + count)}; }

/// The bias and what else follows a sum, in a pass over memory.
struct FinishInPlace {
  Images<float> y;
  Finish finish;
  Divisor by_pixels;

  __device__ void operator()(Index n, Index k) const {
    const int place = static_cast<int>(k);
    y(n, k) = finish(y(n, k), by_pixels.quotient(place), static_cast<int>(n), place);
  }
};

void finish(Tensor& y, const ConvWeights& w, Index pixels) {
  if (w.bias == nullptr && w.epilogue.is_simple() && !w.epilogue.relu) return;
  for_each(y.shape()[0], y.shape()[1] * pixels, FinishInPlace{images(y), Finish(w), Divisor(pixels)});
}

template <bool prepares>
void forward(Tensor& y, const Tensor& x, const ConvWeights& w, const ConvSizes& s) {
  const Piece piece = forward_piece(s, prepares);
  WorkSpace space(y, piece.floats);
  const Index window = s.kh * s.kw, pixels = s.pixels();
  for_each_piece(s, piece, 0, s.n, [&](Index n, Index count, Index c, Index channels) {
    const Index k = channels * window;
    Matrices<const float> columns{x.data() + n * x.image_stride(), pixels, x.image_stride()};
    if (piece.floats > 0) {
      columns = {space.data(), pixels, k * pixels};
      with_windows<prepares>(x, w.prologue, s, [&](const auto& windows) {
        im2col(space.data(), windows, pixels, range(n, count), range(c * window, k), Columns::image_by_image);
      });
    }
    space.blas.multiply({y.data() + n * y.image_stride(), pixels, y.image_stride()},
                        {w.weight.data() + c * window, s.taps()}, columns, s.oc, pixels, k, c > 0, count);
  });
  finish(y, w, pixels);
}

/// A shard without images has a sum of 0.
void clear(float* sums, Index count) {
  CNN_CUDA_CHECK(
      cudaMemsetAsync(sums, 0, static_cast<std::size_t>(count * size_of(DType::f32)), compute_stream()));
}

}  // namespace

void conv2d(Tensor& y, const Tensor& x, const ConvWeights& w, const ConvSizes& s) {
  if (s.n == 0) return;
  if (w.prologue == nullptr)
    forward<false>(y, x, w, s);
  else
    forward<true>(y, x, w, s);
}

void conv2d_backward_input(Tensor& grad_x, const Tensor& grad_y, const Tensor& weight, const ConvSizes& s,
                           Write write) {
  if (s.n == 0) return;
  const Piece piece = forward_piece(s, false);
  WorkSpace space(grad_x, piece.floats);
  const Index window = s.kh * s.kw, pixels = s.pixels();
  const bool adds = write == Write::adds;
  for_each_piece(s, piece, 0, s.n, [&](Index n, Index count, Index c, Index channels) {
    const Index k = channels * window;
    float* const to = grad_x.data() + n * grad_x.image_stride() + c * s.ih * s.iw;
    const Matrices<const float> transposed{weight.data() + c * window, s.taps(), 0, true};
    const Matrices<const float> rows{grad_y.data() + n * grad_y.image_stride(), pixels,
                                     grad_y.image_stride()};
    if (piece.floats == 0) {
      space.blas.multiply({to, pixels, grad_x.image_stride()}, transposed, rows, k, pixels, s.oc, adds,
                          count);
      return;
    }
    space.blas.multiply({space.data(), pixels, k * pixels}, transposed, rows, k, pixels, s.oc, false, count);
    for_each(count, channels * s.ih * s.iw,
             Col2im(s, {to, grad_x.image_stride()}, space.data(), k * pixels, adds));
  });
}

void conv2d_backward_weight(Tensor& grad_weight, Tensor* grad_bias, const Tensor& grad_y, const Tensor& x,
                            const ConvSizes& s, const Shards& shards) {
  const WeightPieces pieces(s, shards.most_images());
  WorkSpace space(grad_weight, pieces.floats());
  float *const columns = space.data(), *const rows = columns + pieces.piece.floats;
  const Index window = s.kh * s.kw, pixels = s.pixels(), taps = s.taps();
  make_by_shards(
      grad_weight, grad_bias, grad_y, shards, pieces.plan,
      [&](float* sums, Index first_row, Index row_count) {
        for (Index k = 0; k < shards.count(); ++k, sums += row_count * taps) {
          const Index first = shards.begin(k), last = shards.begin(k + 1);
          if (first == last) clear(sums, row_count * taps);
          for_each_piece(s, pieces.piece, first, last, [&](Index n, Index count, Index c, Index channels) {
            const Index width = count * pixels;
            if (c == 0)
              im2col(rows, pixels_of<false>(grad_y.channels(first_row, row_count)), pixels, range(n, count),
                     range(0, row_count), Columns::side_by_side);
            with_windows<false>(x, nullptr, s, [&](const auto& windows) {
              im2col(columns, windows, pixels, range(n, count), range(c * window, channels * window),
                     Columns::side_by_side);
            });
            space.blas.multiply({sums + c * window, taps}, {rows, width}, {columns, width, 0, true},
                                row_count, channels * window, width, n > first);
          });
        }
      });
}

void linear(Tensor& y, const Tensor& x, const ConvWeights& w) {
  const auto [out, in] = w.weight.dims<2>();
  const Index n = x.shape()[0];
  if (n == 0) return;
  WorkSpace(y, 0).blas.multiply({y.data(), out}, {x.data(), in}, {w.weight.data(), in, 0, true}, n, out, in,
                                false);
  finish(y, w, 1);
}

void linear_backward_input(Tensor& grad_x, const Tensor& grad_y, const Tensor& weight) {
  const auto [out, in] = weight.dims<2>();
  const Index n = grad_y.shape()[0];
  if (n == 0) return;
  WorkSpace(grad_x, 0).blas.multiply({grad_x.data(), in}, {grad_y.data(), out}, {weight.data(), in}, n, in,
                                     out, false);
}

void linear_backward_weight(Tensor& grad_weight, Tensor* grad_bias, const Tensor& grad_y, const Tensor& x,
                            const Shards& shards) {
  const Index out = grad_weight.shape()[0], in = grad_weight.shape()[1];
  WorkSpace space(grad_weight, 0);
  make_by_shards(grad_weight, grad_bias, grad_y, shards, WeightPlan(out, in, 1),
                 [&](float* sums, Index first, Index rows) {
                   for (Index k = 0; k < shards.count(); ++k, sums += rows * in) {
                     const Index n = shards.begin(k), count = shards.begin(k + 1) - n;
                     if (count == 0)
                       clear(sums, rows * in);
                     else
                       space.blas.multiply({sums, in}, {grad_y.data() + n * out + first, out, 0, true},
                                           {x.data() + n * in, in}, rows, in, count, false);
                   }
                 });
}

Index scratch_bytes(Operation operation, const Shape& x, const Shape& weight, const ConvGeometry& g) {
  if (x[0] == 0) return 0;
  Index floats = Blas::workspace_floats();
  if (operation == Operation::linear_backward_weight)
    floats += WeightPlan(weight[0], weight[1], 1).floats(shard_count, true);
  if (x.size() == 4) {
    const ConvSizes s = conv_sizes(x, weight, g);
    if (operation == Operation::conv2d_backward_weight) {
      const WeightPieces pieces(s, Shards::all(s.n).most_images());
      floats += pieces.floats() + pieces.plan.floats(shard_count, true);
    } else {
      floats += forward_piece(s, false).floats;
    }
  }
  return floats * size_of(DType::f32);
}

}  // namespace cnn::cuda::cublas
