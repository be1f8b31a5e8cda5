// SPDX-License-Identifier: MIT
/// \file
/// The matrix of the windows of images in memory, and the way back.
#pragma once

#include "common/backend/cuda/conv2d_operands.hpp"
#include "common/backend/cuda/for_each.hpp"

namespace cnn::cuda {

/// How the columns of several images lie in memory.
enum class Columns {
  image_by_image,  ///< [image, k, pixel]
  side_by_side     ///< [k, image, pixel]
};

/// A thread for each pixel, neighbours for neighbours: what a warp writes lies side by side, and mostly what it reads.
template <typename Windows>
__global__ void __launch_bounds__(256)
    im2col_kernel(float* columns, const __grid_constant__ Windows windows, Range pixels, Range ks,
                  Divisor by_image, Index image_step, Index k_step) {
  const int number = static_cast<int>(blockIdx.x * blockDim.x + threadIdx.x);
  if (number >= pixels.last - pixels.first) return;
  const auto line = windows.line(pixels.first + number);
  const int image = by_image.quotient(number);
  float* const column = columns + image * image_step + by_image.rest(number, image);
  for (int k = ks.first + static_cast<int>(blockIdx.y); k < ks.last; k += static_cast<int>(gridDim.y))
    column[(k - ks.first) * k_step] = element(windows, line, windows.step(k));
}

/// columns[image, k, pixel] = element k of a window; zeros where it reaches into the padding.
/// \param columns  overwritten
/// \param windows  operand with a line for each pixel of the batch
/// \param pixels   of an image
/// \param images   which ones
/// \param ks       which elements of each window
/// \param layout   of the columns
/// \throws DeviceError  the launch failed
template <typename Windows>
void im2col(float* columns, const Windows& windows, Index pixels, Range images, Range ks, Columns layout) {
  const Index count = images.last - images.first, elements = ks.last - ks.first;
  const bool apart = layout == Columns::image_by_image;
  constexpr unsigned threads = 256, most_rows = 65535;  // of a grid
  const Range lines{to_int32(images.first * pixels), to_int32(images.last * pixels)};
  launch(im2col_kernel<Windows>,
         {.grid = dim3(ceil_div<Index>(count * pixels, threads),
                       std::min(static_cast<unsigned>(elements), most_rows)),
          .block = threads},
         columns, windows, lines, ks, Divisor(pixels), apart ? elements * pixels : pixels,
         apart ? pixels : count * pixels);
}

/// grad_x[n, c, row, column] = sum over the copies of the pixel in the columns of image n, u and v upwards. Each pixel gathers its
/// copies, and no two threads write to one place. Of the elements (u, v) of a kernel only those are looked at that meet the pixel:
/// i sh + u = row + ph, so u goes in steps of sh.
struct Col2im {
  Images<float> grad_x;  ///< first channel of the columns, in their first image
  const float* columns;  ///< [image, (c, u, v), i, j]
  Index image_step;      ///< from the columns of an image to those of the next one
  int kh, kw, oh, ow;
  Steps steps;
  Divisor by_channel, by_row, sh, sw;
  bool adds;  ///< whether grad_x is added to

  /// \param s           sizes
  /// \param image_step_ elements
  /// \param grad_x_     result
  /// \param columns_    what is added up
  /// \param adds_       whether grad_x is added to
  Col2im(const ConvSizes& s, Images<float> grad_x_, const float* columns_, Index image_step_, bool adds_)
      : grad_x(grad_x_),
        columns(columns_),
        image_step(image_step_),
        kh(to_int32(s.kh)),
        kw(to_int32(s.kw)),
        oh(to_int32(s.oh)),
        ow(to_int32(s.ow)),
        steps{to_int32(s.sh), to_int32(s.sw), to_int32(s.ph), to_int32(s.pw)},
        by_channel(s.ih * s.iw),
        by_row(s.iw),
        sh(s.sh),
        sw(s.sw),
        adds(adds_) {}

  __device__ void operator()(Index n, Index k) const {
    const int place = static_cast<int>(k), c = by_channel.quotient(place), rest = by_channel.rest(place, c);
    const int row = by_row.quotient(rest), down = row + steps.ph, right = by_row.rest(rest, row) + steps.pw;
    const int first_i = sh.quotient(down), first_j = sw.quotient(right);
    const float* const image = columns + n * image_step;
    float sum = 0;
    for (int u = sh.rest(down, first_i), i = first_i; u < kh && i >= 0; u += steps.sh, --i) {
      if (i >= oh) continue;
      for (int v = sw.rest(right, first_j), j = first_j; v < kw && j >= 0; v += steps.sw, --j)
        if (j < ow) sum += image[(Index{(c * kh + u) * kw + v} * oh + i) * ow + j];
    }
    float& to = grad_x(n, k);
    to = adds ? to + sum : sum;
  }
};

}  // namespace cnn::cuda
