// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <vector>

#include "common/tensor/tensor.hpp"

namespace cnn::data {

/// Resizes 8-bit grey images with bilinear (triangle) weights: square images to the last bit as Pillow's
/// `Image.resize(..., BILINEAR)` and so as torchvision's `Resize` do. (Where height and width change by different factors,
/// Pillow 13 sometimes takes the columns first, and pixels may differ by a level.) The weights are computed once, in the
/// constructor.
///
/// One pass along the rows, then one along the columns. Output \f$i\f$ of \f$m\f$ looks at the input around
/// \f$c = (i + \tfrac12)\,s\f$, \f$s = n/m\f$, with weights
/// \f$w_x = \max(0,\ 1 - |x - c + \tfrac12| / \max(s, 1))\f$, divided by their sum and rounded to multiples of
/// \f$2^{-22}\f$; the sum of a pass is rounded to 8 bits before the next one.
class BilinearResize {
 public:
  /// \param from  size of the images
  /// \param to    size wanted
  /// \throws UsageError  a size is below 1 or above 65,535
  BilinearResize(Size2d from, Size2d to);

  /// Resizes one image.
  /// \param input   from.h * from.w pixels, row-major
  /// \param output  to.h * to.w pixels, overwritten
  void operator()(const std::uint8_t* input, std::uint8_t* output) const;

  /// The weights of one direction.
  struct Axis {
    Index taps = 0;                     ///< weights of each output, the same number for all
    std::vector<Index> first;           ///< per output: the first input looked at
    std::vector<std::int32_t> weights;  ///< [output, taps], in units of 2^-22
  };

  /// \return size of the results
  Size2d size() const noexcept { return to_; }
  /// \return weights along a row
  const Axis& columns() const noexcept { return columns_; }
  /// \return weights along a column
  const Axis& rows() const noexcept { return rows_; }

 private:
  static Axis make_axis(Index from, Index to);
  void resize_row(const std::uint8_t* input, std::uint8_t* output) const;
  void interpolate_rows(const std::uint8_t* rows, Index y, std::int32_t* sums, std::uint8_t* output) const;

  Size2d from_;
  Size2d to_;
  Axis columns_;  // along a row
  Axis rows_;     // along a column
};

/// Resizes a batch of 8-bit grey images; see BilinearResize.
/// \param images  u8, [n, h, w], host
/// \param height  height wanted, in pixels
/// \param width   width wanted, in pixels
/// \return        u8, [n, height, width]
/// \throws ShapeError  the images are not u8 with three axes
/// \throws UsageError  a size is below 1 or above 65,535
Tensor resize_bilinear(const Tensor& images, Index height, Index width);

}  // namespace cnn::data
