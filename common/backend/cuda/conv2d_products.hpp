// SPDX-License-Identifier: MIT
/// \file
/// The three passes of a convolution as products. With M = oc, ic, oc rows, N = n oh ow, n ih iw, ic kh kw columns and sums of
/// K = ic kh kw, oc kh kw, n oh ow products:
///
///     forward           y[o, (n,i,j)]      = sum over (c,u,v) of weight[o, (c,u,v)] windows[(c,u,v), (n,i,j)]
///     backward input    grad_x[c, (n,r,q)] = sum over (o,u,v) of weight[(o,u,v), c] windows of grad_y[(o,u,v), (n,r,q)]
///                       (grad_y is convolved with flipped kernels; in steps of more than one, phase by phase, see Phase)
///     backward weight   grad_weight[o, (c,u,v)] = sum over (n,i,j) of grad_y[o, (n,i,j)] windows[(c,u,v), (n,i,j)]
///
/// If kernels are 1 x 1 and go in steps of one, the matrix of windows is the image itself.
#pragma once

#include "common/backend/cuda/conv2d_operands.hpp"
#include "common/backend/cuda/epilogue.hpp"
#include "common/backend/cuda/quads.hpp"

namespace cnn::cuda {

/// \param s  sizes
/// \return   whether each output pixel is made of one pixel alone
inline bool is_pointwise(const ConvSizes& s) {
  return s.kh == 1 && s.kw == 1 && s.sh == 1 && s.sw == 1 && s.ph == 0 && s.pw == 0;
}

/// \param s  sizes
/// \return   steps of the windows
inline Steps steps_of(const ConvSizes& s) {
  return {to_int32(s.sh), to_int32(s.sw), to_int32(s.ph), to_int32(s.pw)};
}

/// \param x  images
/// \return   elements from one to the next
/// \throws DeviceError  they do not lie within 2^31 elements
inline int stride_of(const Tensor& x) {
  to_int32(x.shape()[0] * x.image_stride());
  return to_int32(x.image_stride());
}

/// \param x  images, [n, c, h, w]
/// \return   them as kernels see them
inline InputImages input(const Tensor& x) {
  return {first_of(x), stride_of(x), to_int32(x.shape()[2]), to_int32(x.shape()[3])};
}

/// \param y         images, [n, c, h, w]
/// \param finish    what happens to a sum
/// \param write     what becomes of the former values
/// \return          the result of a product
inline ImageResult image_result(Tensor& y, const Finish& finish, Write write) {
  const Index pixels = y.shape()[2] * y.shape()[3];
  return {y.data(),
          y.image_stride(),
          to_int32(pixels),
          Divisor(pixels),
          finish,
          write == Write::adds,
          pixels % 4 == 0 && in_quads(y.data(), y.image_stride())};
}

/// \param data   a matrix [lines, k], or [k, lines]
/// \param lines  of it
/// \param k      elements of a line
/// \return       the operand
template <Along along>
Matrix<along> matrix(const float* data, Index lines, Index k) {
  const Index stride = along == Along::k ? k : lines;
  return {data, to_int32(stride), to_int32(lines), in_quads(data, stride)};
}

/// \param x        images, [n, c, h, w]
/// \param prepare  what happens to their values first
/// \return         operand with a line for each pixel and an element for each channel
template <bool prepares>
Pixels<prepares> pixels_of(const Tensor& x, const Prepare& prepare = {}) {
  const auto [n, c, h, w] = x.dims<4>();
  return {first_of(x),
          stride_of(x),
          to_int32(h * w),
          Divisor(h * w),
          prepare,
          to_int32(n * h * w),
          h * w % 4 == 0 && in_quads(x.data(), x.image_stride())};
}

/// \param x  images, [n, c, h, w]
/// \return   operand with a line for each channel and an element for each pixel
inline Channels channels_of(const Tensor& x) {
  const auto [n, c, h, w] = x.dims<4>();
  to_int32(n * h * w);  // k
  return {first_of(x),    stride_of(x), to_int32(h * w),
          Divisor(h * w), to_int32(c),  h * w % 4 == 0 && in_quads(x.data(), x.image_stride())};
}

/// Backward input in steps of sh: output row i meets row r of x with element u of the kernel if i sh + u = r + ph. So the rows of x
/// with (r + ph) % sh = a, a *phase*, only ever meet the elements u = a, a + sh, ... of the kernel, and one row of x after the other
/// meets one row of grad_y after the other: each phase by itself is a convolution in steps of one, and no product is made that is
/// known to be 0. Columns likewise. All of it in steps of one is the only phase of its kind.
struct Phase {
  Index first;     ///< row of x
  Index pixels;    ///< how many rows
  Index elements;  ///< of the kernel that they meet
  Index last;      ///< the last one of these
  Index padding;   ///< of grad_y, so that its windows are those of row `first` and the following ones

  /// \param a        0 ... step - 1
  /// \param step,ph  of the windows
  /// \param kh       elements of the kernel
  /// \param ih       rows of x
  Phase(Index a, Index step, Index ph, Index kh, Index ih)
      : first(((a - ph) % step + step) % step),
        pixels(first < ih ? (ih - first + step - 1) / step : 0),
        elements(a < kh ? (kh - a + step - 1) / step : 0),
        last(a + (elements - 1) * step),
        padding(elements - 1 - (first + ph - a) / step) {}
};

/// The pixels of a phase as a result: row m is a channel, column n a pixel.
struct PhaseResult {
  ImageResult image;
  Divisor by_pixels, by_row;  // of the phase
  int iw, first_row, first_column, sh, sw;
  bool quads = false;

  /// \param image_      all of grad_x
  /// \param s           sizes
  /// \param down,right  the phase
  PhaseResult(const ImageResult& image_, const ConvSizes& s, const Phase& down, const Phase& right)
      : image(image_),
        by_pixels(down.pixels * right.pixels),
        by_row(right.pixels),
        iw(to_int32(s.iw)),
        first_row(to_int32(down.first)),
        first_column(to_int32(right.first)),
        sh(to_int32(s.sh)),
        sw(to_int32(s.sw)) {}

  __device__ int pixel(int n) const {
    const int number = by_pixels.quotient(n), rest = by_pixels.rest(n, number), row = by_row.quotient(rest);
    return number * image.pixels + (first_row + row * sh) * iw + first_column + by_row.rest(rest, row) * sw;
  }
  __device__ void write(int slice, int m, int n, float sum) const { image.write(slice, m, pixel(n), sum); }
  __device__ void write4(int, int, int, float4) const {}  // quads is false
};

/// Calls a function with the windows of images as an operand: a line for each output pixel, an element for each tap.
/// \param x         images, [n, ic, ih, iw]
/// \param prologue  what happens to them; null for nothing
/// \param s         sizes
/// \param call      called with the operand
template <bool prepares, typename Call>
void with_windows(const Tensor& x, const Prologue* prologue, const ConvSizes& s, const Call& call) {
  Prepare prepare;
  if (prologue != nullptr)
    prepare = {prologue->line.scale.data(), prologue->line.shift.data(), prologue->relu};
  if (is_pointwise(s)) return call(pixels_of<prepares>(x, prepare));
  const WindowDivisors divisors(s.pixels(), s.ow, s.kh, s.kw);
  call(Windows<prepares>{input(x), steps_of(s), divisors, prepare, to_int32(s.n * s.pixels())});
}

/// Calls a function with the product of the forward pass.
/// \param y,x,w,s  output, input, weights and sizes
/// \param call     called with a Product
template <bool prepares, typename Call>
void with_forward(Tensor& y, const Tensor& x, const ConvWeights& w, const ConvSizes& s, const Call& call) {
  const auto weight = matrix<Along::k>(w.weight.data(), s.oc, s.taps());
  const ImageResult result = image_result(y, Finish(w), Write::overwrites);
  with_windows<prepares>(x, w.prologue, s, [&](const auto& windows) {
    call(Product{weight, windows, result, Slices::whole(s.taps())});
  });
}

/// Calls a function with the products of the backward pass to the input: one for each phase of the steps.
/// \param grad_x,grad_y,weight,s,write  gradients, weights, sizes and what becomes of the former values
/// \param call                          called with a Product
template <typename Call>
void with_backward_input(Tensor& grad_x, const Tensor& grad_y, const Tensor& weight, const ConvSizes& s,
                         Write write, const Call& call) {
  const ImageResult image = image_result(grad_x, {}, write);
  if (is_pointwise(s))
    return call(Product{matrix<Along::lines>(weight.data(), s.ic, s.oc), pixels_of<false>(grad_y), image,
                        Slices::whole(s.oc)});
  to_int32(s.n * s.ih * s.iw);  // lines of all phases together
  for (Index a = 0; a < s.sh; ++a)
    for (Index b = 0; b < s.sw; ++b) {
      const Phase down(a, s.sh, s.ph, s.kh, s.ih), right(b, s.sw, s.pw, s.kw, s.iw);
      const Index lines = s.n * down.pixels * right.pixels, elements = down.elements * right.elements;
      if (lines == 0 || (elements == 0 && write == Write::adds)) continue;
      const auto flipped = [&](auto whole) {
        return FlippedWeight<whole>{weight.data(),
                                    to_int32(s.ic),
                                    to_int32(s.kh * s.kw),
                                    to_int32(down.last * s.kw + right.last),
                                    to_int32(s.sh * s.kw),
                                    to_int32(s.sw),
                                    Divisor(std::max<Index>(elements, 1)),
                                    Divisor(std::max<Index>(right.elements, 1))};
      };
      const Windows<false> windows{input(grad_y),
                                   {1, 1, to_int32(down.padding), to_int32(right.padding)},
                                   {down.pixels * right.pixels, right.pixels,
                                    std::max<Index>(down.elements, 1), std::max<Index>(right.elements, 1)},
                                   {},
                                   to_int32(lines)};
      const Slices slices = Slices::whole(s.oc * elements);
      if (s.sh == 1 && s.sw == 1)
        call(Product{flipped(std::true_type{}), windows, image, slices});
      else
        call(Product{flipped(std::false_type{}), windows, PhaseResult(image, s, down, right), slices});
    }
}

/// Calls a function with the product of the backward pass to the weight: sums of the slices of k, to be joined.
/// \param sums      result, [slice, row, taps]
/// \param first     row with which it begins
/// \param rows      how many
/// \param grad_y,x,s,slices  operands, sizes and parts of k
/// \param call      called with a Product
template <typename Call>
void with_backward_weight(float* sums, Index first, Index rows, const Tensor& grad_y, const Tensor& x,
                          const ConvSizes& s, const Slices& slices, const Call& call) {
  const Channels a = channels_of(grad_y.channels(first, rows));
  const Partial result{sums, to_int32(rows), to_int32(s.taps()), in_quads(sums, s.taps())};
  if (is_pointwise(s)) return call(Product{a, channels_of(x), result, slices});
  InputImages images = input(x);
  if (images.data == nullptr) images.data = sums;  // not read without images, but to be added to
  const WindowsOfTaps taps{images, steps_of(s), WindowDivisors(s.pixels(), s.ow, s.kh, s.kw),
                           to_int32(s.taps())};
  call(Product{a, taps, result, slices});
}

}  // namespace cnn::cuda
