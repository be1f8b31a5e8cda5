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
  Index stride;       ///< elements from one image to the next
  int h, w;           ///< pixels
};

/// What the windows of a convolution need to divide by.
struct WindowDivisors {
  Divisor pixels;  ///< output pixels of an image
  Divisor width;   ///< of a row of them
  Divisor window;  ///< kh kw
  Divisor kw;      ///< elements of a row of the kernel

  /// \param pixels_  of an image
  /// \param width_   of a row
  /// \param s        sizes
  WindowDivisors(Index pixels_, Index width_, const ConvSizes& s)
      : pixels(pixels_), width(width_), window(s.kh * s.kw), kw(s.kw) {}
};

/// A position of a kernel: channel and element (u, v).
struct Tap {
  int channel, u, v;

  Tap() = default;

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
  static constexpr bool copies = !prepares;
  struct Line {
    const float* image;
    int row, column;  // where the window begins
  };

  InputImages x;
  Steps steps;
  WindowDivisors divisors;  // by output pixels
  Prepare prepare;
  int lines;
  static constexpr bool quads = false;

  __device__ Line line(int n) const {
    const Pixel y(n, divisors);
    return {x.data + y.image * x.stride, y.row * steps.sh - steps.ph, y.column * steps.sw - steps.pw};
  }
  __device__ const float* at(const Line& line, int k) const {
    const Tap tap(k, divisors);
    const int row = line.row + tap.u, column = line.column + tap.v;
    const bool inside = row >= 0 && row < x.h && column >= 0 && column < x.w;
    return inside ? line.image + (tap.channel * x.h + row) * x.w + column : nullptr;
  }
  __device__ float value(float number, int k) const {
    if constexpr (prepares) return prepare(number, divisors.window.quotient(k));
    return number;
  }
};

/// Backward input, A: line m is a channel of x, k = (o, u, v); the element is weight[o, m, u, v].
struct ExchangedWeight {
  static constexpr Along along = Along::k;
  static constexpr bool copies = true, quads = false;
  using Line = int;

  const float* weight;
  int lines;   // ic
  int window;  // kh kw
  Divisor by_window;

  __device__ Line line(int m) const { return m; }
  __device__ const float* at(Line m, int k) const {
    const int o = by_window.quotient(k), rest = by_window.rest(k, o);
    return weight + (Index{o} * lines + m) * window + rest;
  }
  __device__ float value(float x, int) const { return x; }
};

/// Backward input, B: line n is a pixel of x, k = (o, u, v); the element is grad_y at the output pixel that kernel element (u, v) takes
/// from there, if there is one: i sh + u - ph = row.
struct GradWindows {
  static constexpr Along along = Along::lines;
  static constexpr bool copies = true, quads = false;
  struct Line {
    const float* image;
    int row, column;  // of the padded image
  };

  InputImages grad_y;
  Steps steps;
  WindowDivisors divisors;  // by pixels of x
  Divisor sh, sw;
  int lines;

  __device__ Line line(int n) const {
    const Pixel x(n, divisors);
    return {grad_y.data + x.image * grad_y.stride, x.row + steps.ph, x.column + steps.pw};
  }
  __device__ const float* at(const Line& line, int k) const {
    const Tap tap(k, divisors);
    const int down = line.row - tap.u, right = line.column - tap.v;
    if (down < 0 || right < 0) return nullptr;
    const int row = sh.quotient(down), column = sw.quotient(right);
    const bool taken = sh.rest(down, row) == 0 && sw.rest(right, column) == 0;
    if (!taken || row >= grad_y.h || column >= grad_y.w) return nullptr;
    return line.image + (tap.channel * grad_y.h + row) * grad_y.w + column;
  }
  __device__ float value(float x, int) const { return x; }
};

/// Backward weight, A: line m is a channel of grad_y, k a pixel of the batch. With 1 x 1 kernels B as well, of x.
struct Channels {
  static constexpr Along along = Along::k;
  static constexpr bool copies = true;
  using Line = int;

  const float* data;
  Index image_stride;
  int pixels;
  Divisor by_pixels;
  int lines;
  bool quads;

  __device__ Line line(int m) const { return m * pixels; }
  __device__ const float* at(Line channel, int k) const {
    const int image = by_pixels.quotient(k);
    return data + image * image_stride + channel + by_pixels.rest(k, image);
  }
  __device__ float value(float x, int) const { return x; }
};

/// Backward weight, B: line n is a tap, k an output pixel of the batch; the element is the pixel of x that both meet at.
struct WindowsOfTaps {
  static constexpr Along along = Along::k;
  static constexpr bool copies = true, quads = false;
  using Line = Tap;

  InputImages x;
  Steps steps;
  WindowDivisors divisors;  // by output pixels
  int lines;

  __device__ Line line(int n) const { return Tap(n, divisors); }
  __device__ const float* at(const Line& tap, int k) const {
    const Pixel y(k, divisors);
    const int row = y.row * steps.sh - steps.ph + tap.u, column = y.column * steps.sw - steps.pw + tap.v;
    const bool inside = row >= 0 && row < x.h && column >= 0 && column < x.w;
    if (!inside) return nullptr;
    return x.data + y.image * x.stride + (tap.channel * x.h + row) * x.w + column;
  }
  __device__ float value(float number, int) const { return number; }
};

/// Forward and backward input with 1 x 1 kernels in steps of one, B: line n is a pixel of the batch, k a channel.
template <bool prepares>
struct Pixels {
  static constexpr Along along = Along::lines;
  static constexpr bool copies = !prepares;
  using Line = const float*;

  const float* data;
  Index image_stride;
  int pixels;
  Divisor by_pixels;
  Prepare prepare;
  int lines;
  bool quads;

  __device__ Line line(int n) const {
    const int image = by_pixels.quotient(n);
    return data + image * image_stride + by_pixels.rest(n, image);
  }
  __device__ const float* at(Line pixel, int k) const { return pixel + k * pixels; }
  __device__ float value(float number, int k) const {
    if constexpr (prepares) return prepare(number, k);
    return number;
  }
};

}  // namespace cnn::cuda
