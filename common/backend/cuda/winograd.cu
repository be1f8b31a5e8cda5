// SPDX-License-Identifier: MIT
#include "common/backend/cuda/winograd.hpp"

#include "common/backend/cuda/conv2d_products.hpp"
#include "common/backend/cuda/multiply.hpp"
#include "common/backend/cuda/winograd_tiles.hpp"

namespace cnn::cuda::winograd {
namespace {

/// One of the convolutions: of x with kernels, or of grad_y with flipped ones. Channels come in eights, so that each of the 36
/// products is a slice of k (see Slices), and tiles in fours; zeros fill up.
struct Layer {
  int channels, rows;                          // in and out
  int depth;                                   // channels, rounded up
  int image_tiles, row_tiles, tiles, columns;  // of an image, of a row of it, of the batch; rounded up
  int oh, ow, ph, pw;

  Layer(const ConvSizes& s, bool backward)
      : channels(to_int32(backward ? s.oc : s.ic)),
        rows(to_int32(backward ? s.ic : s.oc)),
        depth((channels + 7) / 8 * 8),
        oh(to_int32(backward ? s.ih : s.oh)),
        ow(to_int32(backward ? s.iw : s.ow)),
        ph(to_int32(backward ? 2 - s.ph : s.ph)),
        pw(to_int32(backward ? 2 - s.pw : s.pw)) {
    row_tiles = (ow + outputs - 1) / outputs;
    image_tiles = row_tiles * ((oh + outputs - 1) / outputs);
    tiles = to_int32(s.n * image_tiles);
    columns = to_int32((Index{tiles} + 3) / 4 * 4);
    for (const Index count : {depth, rows}) to_int32(Index{numbers} * count * std::max(columns, rows));
  }
  Index kernel_floats() const { return Index{numbers} * depth * rows; }
  Index pixel_floats() const { return Index{numbers} * depth * columns; }
  Index result_floats() const { return Index{numbers} * rows * columns; }
  Index floats() const { return kernel_floats() + pixel_floats() + result_floats(); }
};

/// Where the weights of (row, channel) are.
struct Kernels {
  const float* data;
  int row, channel;  // elements from one to the next
  bool flipped;
};

/// U[s, c, o]
__global__ void __launch_bounds__(threads) transform_kernels(float* to, Kernels kernels, Layer layer) {
  const int m = static_cast<int>(blockIdx.x * threads + threadIdx.x), c = static_cast<int>(blockIdx.y);
  if (m >= layer.rows) return;
  float g[3][3], u[side][side];
#pragma unroll
  for (int k = 0; k < 9; ++k)
    g[k / 3][k % 3] =
        c < layer.channels
            ? kernels.data[m * kernels.row + c * kernels.channel + (kernels.flipped ? 8 - k : k)]
            : 0.0F;
  transform_square(g, u, transform_kernel_row);
#pragma unroll
  for (int s = 0; s < numbers; ++s) to[(Index{s} * layer.depth + c) * layer.rows + m] = u[s / side][s % side];
}

/// V[s, c, t]
template <bool prepares>
__global__ void __launch_bounds__(threads) transform_images(float* to, InputImages x, Prepare prepare,
                                                            Layer layer, Divisor by_image, Divisor by_row) {
  const int t = static_cast<int>(blockIdx.x * threads + threadIdx.x), c = static_cast<int>(blockIdx.y);
  if (t >= layer.columns) return;
  const Tile tile(t, by_image, by_row);
  const bool exists = t < layer.tiles && c < layer.channels;
  float d[side][side], v[side][side];
  read_tile<prepares>(d, x, exists, tile.image, c, tile.row - layer.ph, tile.column - layer.pw, prepare);
  transform_square(d, v, transform_pixels);
#pragma unroll
  for (int s = 0; s < numbers; ++s)
    to[(Index{s} * layer.depth + c) * layer.columns + t] = v[s / side][s % side];
}

/// Y of each tile, and what follows
__global__ void __launch_bounds__(threads)
    transform_products(ImageResult y, const float* products, Layer layer, Divisor by_image, Divisor by_row) {
  const int t = static_cast<int>(blockIdx.x * threads + threadIdx.x), m = static_cast<int>(blockIdx.y);
  if (t >= layer.tiles) return;
  const Tile tile(t, by_image, by_row);
  float sums[side][side], results[outputs][outputs];
#pragma unroll
  for (int s = 0; s < numbers; ++s)
    sums[s / side][s % side] = products[(Index{s} * layer.rows + m) * layer.columns + t];
  transform_square(sums, results, transform_results);
#pragma unroll
  for (int i = 0; i < outputs; ++i)
#pragma unroll
    for (int j = 0; j < outputs; ++j)
      if (tile.row + i < layer.oh && tile.column + j < layer.ow)
        y.write(0, m, tile.image * y.pixels + (tile.row + i) * layer.ow + tile.column + j, results[i][j]);
}

template <bool prepares>
void convolve(const ImageResult& y, const Tensor& x, const Kernels& kernels, const Prepare& prepare,
              const Layer& l) {
  Tensor scratch = Tensor::empty({l.floats()}, x.device());
  float *const u = scratch.data(), *const v = u + l.kernel_floats(), *const m = v + l.pixel_floats();
  const Divisor by_image(l.image_tiles), by_row(l.row_tiles);
  launch(transform_kernels, {.grid = grid(l.rows, l.depth), .block = threads}, u, kernels, l);
  launch(transform_images<prepares>, {.grid = grid(l.columns, l.depth), .block = threads}, v, input(x),
         prepare, l, by_image, by_row);
  const Slices products{{0, numbers * l.depth}, 1, numbers};
  const Product product{Matrix<Along::lines>{u, l.rows, l.rows, in_quads(u, l.rows)},
                        Matrix<Along::lines>{v, l.columns, l.columns, in_quads(v, l.columns)},
                        Partial{m, l.rows, l.columns, in_quads(m, l.columns)}, products};
  with_tile(product, [&](auto rows, auto quads) { launch_vectors<rows, quads>(product); });
  launch(transform_products, {.grid = grid(l.tiles, l.rows), .block = threads}, y, m, l, by_image, by_row);
}

}  // namespace

void conv2d(Tensor& y, const Tensor& x, const ConvWeights& w, const ConvSizes& s) {
  if (s.n == 0) return;
  const Kernels kernels{w.weight.data(), to_int32(9 * s.ic), 9, false};
  const ImageResult result = image_result(y, Finish(w), Write::overwrites);
  if (w.prologue == nullptr) return convolve<false>(result, x, kernels, {}, Layer(s, false));
  const Prologue& p = *w.prologue;
  convolve<true>(result, x, kernels, {p.line.scale.data(), p.line.shift.data(), p.relu}, Layer(s, false));
}

void conv2d_backward_input(Tensor& grad_x, const Tensor& grad_y, const Tensor& weight, const ConvSizes& s,
                           Write write) {
  if (s.n == 0) return;
  const Kernels kernels{weight.data(), 9, to_int32(9 * s.ic), true};
  convolve<false>(image_result(grad_x, {}, write), grad_y, kernels, {}, Layer(s, true));
}

Index scratch_floats(const ConvSizes& s, Operation operation) {
  if (operation == Operation::conv2d_backward_weight) return weight_scratch_floats(s);
  return Layer(s, operation == Operation::conv2d_backward_input).floats();
}

}  // namespace cnn::cuda::winograd
