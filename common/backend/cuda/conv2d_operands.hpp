// SPDX-License-Identifier: MIT
/// \file
/// The operands of the three products of a convolution. Letters are those of ConvSizes; a *tap* is one of the ic kh kw numbers that
/// an output pixel is made of.
#pragma once

#include "common/backend/conv_sizes.hpp"
#include "common/backend/cuda/divisor.hpp"
#include "common/backend/cuda/product.hpp"

namespace cnn::cuda {

/// Images of a batch and how a kernel's windows move over them.
struct InputImages {
  const float* data;  ///< first element
  int stride;         ///< elements from one image to the next
  int h, w;           ///< pixels

  /// \param row     of a pixel
  /// \param column  of a pixel
  /// \return        false if it lies in the padding
  __device__ bool has(int row, int column) const {
    // A negative row is a large one.
    const bool in_rows = static_cast<unsigned>(row) < static_cast<unsigned>(h);
    const bool in_columns = static_cast<unsigned>(column) < static_cast<unsigned>(w);
    return in_rows && in_columns;
  }
};

/// What the windows of a convolution need to divide by.
struct WindowDivisors {
  Divisor pixels;  ///< output pixels of an image
  Divisor width;   ///< of a row of them
  Divisor window;  ///< kh kw
  Divisor kw;      ///< elements of a row of the kernel

  /// \param pixels_  of an image
  /// \param width_   of a row
  /// \param kh_,kw_  kernel
  WindowDivisors(Index pixels_, Index width_, Index kh_, Index kw_)
      : pixels(pixels_), width(width_), window(kh_ * kw_), kw(kw_) {}
};

/// A position of a kernel: channel and element (u, v).
struct Tap {
  int channel, u, v;

  /// \param k  number of the position
  /// \param d  divisors
  __device__ Tap(int k, const WindowDivisors& d) : channel(d.window.quotient(k)) {
    const int rest = d.window.rest(k, channel);
    u = d.kw.quotient(rest);
    v = d.kw.rest(rest, u);
  }
};

/// A pixel of a batch.
struct Pixel {
  int image, row, column;

  /// \param n  number of the pixel in the batch
  /// \param d  divisors
  __device__ Pixel(int n, const WindowDivisors& d) : image(d.pixels.quotient(n)) {
    const int rest = d.pixels.rest(n, image);
    row = d.width.quotient(rest);
    column = d.width.rest(rest, row);
  }
};

/// Steps of a window over an image.
struct Steps {
  int sh, sw, ph, pw;
};

/// What a convolution does to its input, see cnn::Prologue.
struct Prepare {
  const float* scale = nullptr;  ///< of each channel
  const float* shift = nullptr;  ///< of each channel
  bool relu = false;             ///< whether max(x, 0) takes the place of x

  __device__ float operator()(float x, int channel) const {
    const float line = scale[channel] * x + shift[channel];
    return relu && line < 0 ? 0.0F : line;
  }
};

/// Forward, B: line n is an output pixel of the batch, k a tap; the element is the pixel of x that both meet at.
template <bool prepares>
struct Windows {
  static constexpr Along along = Along::lines;
  static constexpr bool copies = !prepares, can_be_quads = false;
  struct Line {
    int first, row, column;  // where the window begins: number of the element, and pixel
  };
  struct Step {
    int offset;  // of an element from where its window begins
    Tap tap;
  };

  InputImages x;
  Steps steps;
  WindowDivisors divisors;  // by output pixels
  Prepare prepare;
  int lines;

  __device__ Line line(int n) const {
    const Pixel y(n, divisors);
    const int row = y.row * steps.sh - steps.ph, column = y.column * steps.sw - steps.pw;
    return {y.image * x.stride + row * x.w + column, row, column};
  }
  __device__ Step step(int k) const {
    const Tap tap(k, divisors);
    return {(tap.channel * x.h + tap.u) * x.w + tap.v, tap};
  }
  __device__ bool has(const Line& line, const Step& step) const {
    return x.has(line.row + step.tap.u, line.column + step.tap.v);
  }
  __device__ const float* at(const Line& line, const Step& step) const {
    return x.data + (line.first + step.offset);
  }
  __device__ float value(float number, const Step& step) const {
    if constexpr (prepares) return prepare(number, step.tap.channel);
    return number;
  }
};

/// Backward input, A: line m is a channel of x, k = (o, u, v); the element is weight[o, m, ...] at an element of the flipped kernel
/// or, in steps of more than one, of the part of the kernel that meets the pixels of a phase (see Phase).
/// \tparam whole  whether that part is the whole kernel: then its elements lie side by side, and u and v are not asked for
template <bool whole>
struct FlippedWeight {
  static constexpr Along along = Along::lines;
  static constexpr bool copies = true, can_be_quads = false;
  using Line = int;
  using Step = int;

  const float* weight;
  int lines;              // ic
  int window;             // kh kw
  int last;               // the element of the kernel that (u, v) = (0, 0) is
  int up, left;           // from there to that of (1, 0), and to that of (0, 1)
  Divisor part, part_kw;  // elements of the part, and of a row of it

  __device__ Line line(int m) const { return m * window; }
  __device__ Step step(int k) const {
    const int o = part.quotient(k), rest = part.rest(k, o);
    if constexpr (whole) return o * lines * window + last - rest;
    const int u = part_kw.quotient(rest), v = part_kw.rest(rest, u);
    return o * lines * window + last - u * up - v * left;
  }
  __device__ bool has(Line, Step) const { return true; }
  __device__ const float* at(Line m, Step step) const { return weight + (m + step); }
  __device__ float value(float x, Step) const { return x; }
};

/// Backward weight, A: line m is a channel of grad_y, k a pixel of the batch. With 1 x 1 kernels B as well, of x.
struct Channels {
  static constexpr Along along = Along::k;
  static constexpr bool copies = true, can_be_quads = true;
  using Line = int;
  using Step = int;

  const float* data;
  int image_stride;
  int pixels;
  Divisor by_pixels;
  int lines;
  bool quads;

  __device__ Line line(int m) const { return m * pixels; }
  __device__ Step step(int k) const {
    const int image = by_pixels.quotient(k);
    return image * image_stride + by_pixels.rest(k, image);
  }
  __device__ bool has(Line, Step) const { return true; }
  __device__ const float* at(Line channel, Step pixel) const { return data + (channel + pixel); }
  __device__ float value(float x, Step) const { return x; }
};

/// Backward weight, B: line n is a tap, k an output pixel of the batch; the element is the pixel of x that both meet at.
struct WindowsOfTaps {
  static constexpr Along along = Along::lines;
  static constexpr bool copies = true, can_be_quads = false;
  struct Line {
    int offset, u, v;  // of an element from where its window begins, and element of the kernel
  };
  struct Step {
    int first, row, column;  // where the window begins: number of the element, and pixel
  };

  InputImages x;
  Steps steps;
  WindowDivisors divisors;  // by output pixels
  int lines;

  __device__ Line line(int n) const {
    const Tap tap(n, divisors);
    return {(tap.channel * x.h + tap.u) * x.w + tap.v, tap.u, tap.v};
  }
  __device__ Step step(int k) const {
    const Pixel y(k, divisors);
    const int row = y.row * steps.sh - steps.ph, column = y.column * steps.sw - steps.pw;
    return {y.image * x.stride + row * x.w + column, row, column};
  }
  __device__ bool has(const Line& line, const Step& step) const {
    return x.has(step.row + line.u, step.column + line.v);
  }
  __device__ const float* at(const Line& line, const Step& step) const {
    return x.data + (step.first + line.offset);
  }
  __device__ float value(float number, const Step&) const { return number; }
};

/// Forward and backward input with 1 x 1 kernels in steps of one, B: line n is a pixel of the batch, k a channel.
template <bool prepares>
struct Pixels {
  static constexpr Along along = Along::lines;
  static constexpr bool copies = !prepares, can_be_quads = true;
  using Line = int;
  struct Step {
    int channel, offset;  // of its first pixel from that of the image
  };

  const float* data;
  int image_stride;
  int pixels;
  Divisor by_pixels;
  Prepare prepare;
  int lines;
  bool quads;

  __device__ Line line(int n) const {
    const int image = by_pixels.quotient(n);
    return image * image_stride + by_pixels.rest(n, image);
  }
  __device__ Step step(int k) const { return {k, k * pixels}; }
  __device__ bool has(Line, const Step&) const { return true; }
  __device__ const float* at(Line pixel, const Step& step) const { return data + (pixel + step.offset); }
  __device__ float value(float number, const Step& step) const {
    if constexpr (prepares) return prepare(number, step.channel);
    return number;
  }
};

}  // namespace cnn::cuda
