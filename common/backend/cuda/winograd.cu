// SPDX-License-Identifier: MIT
#include "common/backend/cuda/winograd.hpp"

#include "common/backend/cuda/conv2d_products.hpp"
#include "common/backend/cuda/multiply.hpp"

namespace cnn::cuda::winograd {
namespace {

constexpr int side = 6, numbers = side * side, outputs = 4;  // of a tile
constexpr unsigned threads = 128;

/// One dimension of a transform of pixels, of kernels and of results: B^T d, G g and A^T m.
__device__ void transform_pixels(const float (&d)[side], float (&to)[side]) {
  to[0] = 4 * d[0] - 5 * d[2] + d[4];
  to[1] = (d[4] - 4 * d[2]) + (d[3] - 4 * d[1]);
  to[2] = (d[4] - 4 * d[2]) - (d[3] - 4 * d[1]);
  to[3] = (d[4] - d[2]) + 2 * (d[3] - d[1]);
  to[4] = (d[4] - d[2]) - 2 * (d[3] - d[1]);
  to[5] = 4 * d[1] - 5 * d[3] + d[5];
}
__device__ void transform_kernel_row(const float (&g)[3], float (&to)[side]) {
  const float even = g[0] + g[2], far = 0.25F * g[0] + g[2];
  to[0] = 0.25F * g[0];
  to[1] = (even + g[1]) * (-1.0F / 6);
  to[2] = (even - g[1]) * (-1.0F / 6);
  to[3] = (far + 0.5F * g[1]) * (1.0F / 6);
  to[4] = (far - 0.5F * g[1]) * (1.0F / 6);
  to[5] = g[2];
}
__device__ void transform_results(const float (&m)[side], float (&to)[outputs]) {
  const float near_sum = m[1] + m[2], near_difference = m[1] - m[2];
  const float far_sum = m[3] + m[4], far_difference = m[3] - m[4];
  to[0] = m[0] + near_sum + far_sum;
  to[1] = near_difference + 2 * far_difference;
  to[2] = near_sum + 4 * far_sum;
  to[3] = near_difference + 8 * far_difference + m[5];
}

/// T x T^T for a square x, columns first.
template <int from, int to, typename Transform>
__device__ void transform_square(const float (&x)[from][from], float (&y)[to][to],
                                 const Transform& transform) {
  float rows[to][from];
#pragma unroll
  for (int j = 0; j < from; ++j) {
    float column[from], transformed[to];
#pragma unroll
    for (int i = 0; i < from; ++i) column[i] = x[i][j];
    transform(column, transformed);
#pragma unroll
    for (int i = 0; i < to; ++i) rows[i][j] = transformed[i];
  }
#pragma unroll
  for (int i = 0; i < to; ++i) transform(rows[i], y[i]);
}

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

/// Which outputs a tile makes.
struct Tile {
  int image, row, column;  // of its first output

  __device__ Tile(int number, const Divisor& by_image, const Divisor& by_row)
      : image(by_image.quotient(number)) {
    const int rest = by_image.rest(number, image);
    row = by_row.quotient(rest);
    column = by_row.rest(rest, row) * outputs;
    row *= outputs;
  }
};

/// V[s, c, t]
template <bool prepares>
__global__ void __launch_bounds__(threads) transform_images(float* to, InputImages x, Prepare prepare,
                                                            Layer layer, Divisor by_image, Divisor by_row) {
  const int t = static_cast<int>(blockIdx.x * threads + threadIdx.x), c = static_cast<int>(blockIdx.y);
  if (t >= layer.columns) return;
  const Tile tile(t, by_image, by_row);
  const bool exists = t < layer.tiles && c < layer.channels;
  const int first_row = tile.row - layer.ph, first_column = tile.column - layer.pw;
  float d[side][side], v[side][side];
#pragma unroll
  for (int i = 0; i < side; ++i)
#pragma unroll
    for (int j = 0; j < side; ++j) {
      const int row = first_row + i, column = first_column + j;
      d[i][j] = 0;
      if (!exists || !x.has(row, column)) continue;
      const float value = x.data[tile.image * x.stride + (c * x.h + row) * x.w + column];
      d[i][j] = prepares ? prepare(value, c) : value;
    }
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

dim3 grid(int x, int y) { return dim3(ceil_div(x, static_cast<int>(threads)), static_cast<unsigned>(y)); }

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

Index scratch_floats(const ConvSizes& s, bool backward) { return Layer(s, backward).floats(); }

}  // namespace cnn::cuda::winograd
