// SPDX-License-Identifier: MIT
/// \file
/// What the passes of the kernel `winograd` have in common: tiles, and the transforms of one of them; see winograd.hpp for the matrices.
#pragma once

#include "common/backend/cuda/conv2d_operands.hpp"
#include "common/backend/cuda/launch.hpp"

namespace cnn::cuda::winograd {

constexpr int side = 6;               ///< pixels of a tile that meet its outputs, in a row
constexpr int numbers = side * side;  ///< of a transformed tile
constexpr int outputs = 4;            ///< of a tile, in a row
constexpr unsigned threads = 128;     ///< of a block that transforms

/// One dimension of a transform of pixels: B^T d.
/// \param d   numbers
/// \param to  transformed
__device__ inline void transform_pixels(const float (&d)[side], float (&to)[side]) {
  to[0] = 4 * d[0] - 5 * d[2] + d[4];
  to[1] = (d[4] - 4 * d[2]) + (d[3] - 4 * d[1]);
  to[2] = (d[4] - 4 * d[2]) - (d[3] - 4 * d[1]);
  to[3] = (d[4] - d[2]) + 2 * (d[3] - d[1]);
  to[4] = (d[4] - d[2]) - 2 * (d[3] - d[1]);
  to[5] = 4 * d[1] - 5 * d[3] + d[5];
}
/// One dimension of a transform of kernels: G g.
/// \param g   numbers
/// \param to  transformed
__device__ inline void transform_kernel_row(const float (&g)[3], float (&to)[side]) {
  const float even = g[0] + g[2], far = 0.25F * g[0] + g[2];
  to[0] = 0.25F * g[0];
  to[1] = (even + g[1]) * (-1.0F / 6);
  to[2] = (even - g[1]) * (-1.0F / 6);
  to[3] = (far + 0.5F * g[1]) * (1.0F / 6);
  to[4] = (far - 0.5F * g[1]) * (1.0F / 6);
  to[5] = g[2];
}
/// One dimension of a transform of results: A^T m.
/// \param m   numbers
/// \param to  transformed
__device__ inline void transform_results(const float (&m)[side], float (&to)[outputs]) {
  const float near_sum = m[1] + m[2], near_difference = m[1] - m[2];
  const float far_sum = m[3] + m[4], far_difference = m[3] - m[4];
  to[0] = m[0] + near_sum + far_sum;
  to[1] = near_difference + 2 * far_difference;
  to[2] = near_sum + 4 * far_sum;
  to[3] = near_difference + 8 * far_difference + m[5];
}

/// One dimension of a transform of the gradients of results: A y.
/// \param y   numbers
/// \param to  transformed
__device__ inline void transform_gradients(const float (&y)[outputs], float (&to)[side]) {
  const float even = y[0] + y[2], odd = y[1] + y[3];
  const float far_even = y[0] + 4 * y[2], far_odd = 2 * y[1] + 8 * y[3];
  to[0] = y[0];
  to[1] = even + odd;
  to[2] = even - odd;
  to[3] = far_even + far_odd;
  to[4] = far_even - far_odd;
  to[5] = y[3];
}
/// One dimension of a transform of sums of products to gradients of kernels: G^T m.
/// \param m   numbers
/// \param to  transformed
__device__ inline void transform_sums(const float (&m)[side], float (&to)[3]) {
  const float near_sum = (m[1] + m[2]) * (-1.0F / 6), near_difference = (m[2] - m[1]) * (1.0F / 6);
  const float far_sum = m[3] + m[4], far_difference = m[3] - m[4];
  to[0] = 0.25F * m[0] + near_sum + far_sum * (1.0F / 24);
  to[1] = near_difference + far_difference * (1.0F / 12);
  to[2] = near_sum + far_sum * (1.0F / 6) + m[5];
}

/// T x T^T for a square x, columns first.
/// \param x          a square
/// \param y          transformed
/// \param transform  T: one of the functions above
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

/// Where the outputs of a tile are.
struct Tile {
  int image, row, column;  ///< of its first output

  /// \param number    of the tile in the batch
  /// \param by_image  tiles of an image
  /// \param by_row    tiles of a row of it
  __device__ Tile(int number, const Divisor& by_image, const Divisor& by_row)
      : image(by_image.quotient(number)) {
    const int rest = by_image.rest(number, image);
    row = by_row.quotient(rest);
    column = by_row.rest(rest, row) * outputs;
    row *= outputs;
  }
};

/// The pixels of a tile; zeros where it reaches into the padding.
/// \param to       pixels
/// \param x        images
/// \param exists   false if there is no such tile: zeros
/// \param image,c  of the tile
/// \param row,column  with which it begins
/// \param prepare  what happens to their values, if `prepares`
template <bool prepares, int size>
__device__ void read_tile(float (&to)[size][size], const InputImages& x, bool exists, int image, int c,
                          int row, int column, const Prepare& prepare) {
#pragma unroll
  for (int i = 0; i < size; ++i)
#pragma unroll
    for (int j = 0; j < size; ++j) {
      to[i][j] = 0;
      if (!exists || !x.has(row + i, column + j)) continue;
      const float value = x.data[image * x.stride + (c * x.h + row + i) * x.w + column + j];
      to[i][j] = prepares ? prepare(value, c) : value;
    }
}

/// \param x,y  threads, and rows of blocks
/// \return     the grid of a transform
inline dim3 grid(int x, int y) {
  return dim3(ceil_div(x, static_cast<int>(threads)), static_cast<unsigned>(y));
}

}  // namespace cnn::cuda::winograd
