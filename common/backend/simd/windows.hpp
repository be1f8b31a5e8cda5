// SPDX-License-Identifier: MIT
#pragma once

#include <vector>

#include "common/backend/conv_sizes.hpp"
#include "common/backend/simd/gemm.hpp"

namespace cnn::simd {

/// A prologue, of one channel: x = max(scale * x + shift, least).
struct PixelLine {
  float scale, shift, least;
};

/// The matrix of columns of a convolution, [taps, images x output pixels], of which only the block in use exists: column q
/// holds the window of output pixel q, counted through the whole batch, so that small images fill whole tiles too.
///
/// The rows of pixels that a block needs are first copied with their padding, and with a stride sw > 1 sorted by their
/// column modulo sw. Then, in every row of the matrix, the pixels of one line of the output are neighbours in memory, and
/// packing is copying. Padding may be negative here: then the image is cropped.
class Windows {
 public:
  /// \param images        first number of the batch; must live as long as this
  /// \param image_stride  numbers from one image to the next
  /// \param s             sizes; the output channels do not matter
  /// \param prologue      what happens to the pixels while they are copied; null for nothing
  Windows(const float* images, Index image_stride, const ConvSizes& s, const Prologue* prologue = nullptr);

  /// Packs a part of the matrix into panels [taps, width], one after the other.
  /// \param panels   destination: whole panels and one register more
  /// \param width    columns of a panel; those of the last one that do not exist are zero
  /// \param columns  which columns
  /// \param taps     which rows
  void pack(float* panels, Index width, Range columns, Range taps) const;

  /// Where the numbers of a block are: row k of it begins at data + offsets[k], and the lines are its columns.
  struct Source {
    const float* data;           ///< of the rows of pixels
    std::vector<Line> lines;     ///< a row of the output each, or a part of one
    std::vector<Index> offsets;  ///< of the taps
    bool has_slack;              ///< whether a register may be read behind the last one
  };

  /// Copies the rows of pixels that a block needs.
  /// \param copy     memory, taken here unless it is of that size
  /// \param columns  which columns
  /// \param taps     which rows
  /// \return         where they are in the copy
  Source padded_copy(Tensor& copy, Range columns, Range taps) const;

  /// \param columns  number of output pixels in a row
  /// \param taps     number of taps
  /// \return         floats that pack() and padded_copy() take for them, at most
  Index copy_floats(Index columns, Index taps) const;
  /// \param rows  number of whole rows of output pixels, of one image
  /// \param taps  number of taps
  /// \return      floats that padded_copy() takes for them
  Index strip_floats(Index rows, Index taps) const;

 private:
  Source images_themselves(Range columns, Range taps) const;
  void copy_slot(float* slot, const float* channel, Index row, const PixelLine& line) const;
  Index floats_of(Index rows, Index images, Index taps) const;

  const float* images_;
  Index image_stride_;
  ConvSizes s_;
  const Prologue* prologue_;
  bool is_pixelwise_;  // a window is one pixel as it is: nothing to pad or to sort
  Index row_step_;     // slots, which are rows of pixels in the copy, from one output row to the next
  Index phases_, pitch_, slot_;  // a slot holds `phases_` parts of `pitch_` pixels, `slot_` in all
};

}  // namespace cnn::simd
