// SPDX-License-Identifier: MIT
#pragma once

#include <vector>

#include "common/backend/conv_sizes.hpp"
#include "common/backend/shards.hpp"
#include "common/backend/simd/gemm.hpp"

namespace cnn::simd {

/// A box of output pixels that is worked on at a time.
struct Chunk {
  Index images, rows, columns;
};

/// Some output channels, in registers, and some units of the input: what one thread makes the gradient of.
struct WeightBlock {
  Range outputs, units;
};

/// How the gradient of a convolution's weights is cut, and where its numbers lie meanwhile.
///
/// A *unit* is what a copy of the input is made of: `width` input channels, of which every register holds one pixel each, or one
/// channel, of which a register holds `width` neighbours in a row. The sums are kept as registers of weights, `per_unit` for each
/// unit: one a tap, or as many as cover the rows of a kernel.
struct WeightLayout {
  ConvSizes s;  ///< 1 x 1 kernels with stride 1 see an image as one long row
  bool is_pixelwise;
  bool lanes_are_channels;  ///< the kind of unit
  Index units, per_unit;    ///< units of the input, registers of weights for each
  Index output_groups;      ///< registers that hold all output channels
  Chunk chunk;              ///< largest

  Index x_rows;              ///< rows of the image that a chunk meets
  Index phases_h, phases_w;  ///< rows and columns modulo the stride that any tap meets, each kept by itself
  Index slots, pitch;        ///< rows of a phase, and pixels in each
  Index plane;               ///< floats of a unit's copy for one image
  Index row_step, column_step;  ///< floats in it from one output pixel to the next
  Index step_from,
      step_to;  ///< from one register of a step to the next: floats in the copy, registers of weights
  std::vector<Index> places;  ///< of the pixels of x_rows rows in a unit's copy, where lanes are channels

  Index outputs_in_turn, units_in_turn;  ///< of one task, in registers and units

  /// \param sizes   of the convolution
  /// \param images  of the largest shard
  WeightLayout(const ConvSizes& sizes, Index images);

  /// Up to three registers of weights that are computed together.
  struct Step {
    Index from;       ///< first float in the copy
    Index to;         ///< first register of weights
    Index registers;  ///< how many
  };
  /// \param count  units that are copied
  /// \return       all steps of these units
  std::vector<Step> steps(Index count) const;

  /// \return input channels of a unit
  Index channels_per_unit() const { return lanes_are_channels ? kernels().width : 1; }
  /// \param block  a block
  /// \return       floats of the sums of its weights, [registers, output channels, width]
  Index weight_floats(const WeightBlock& block) const {
    return block.units.size() * per_unit * bias_floats(block) * kernels().width;
  }
  /// \param block  a block
  /// \return       its output channels, as many as there are in its registers
  Index bias_floats(const WeightBlock& block) const { return block.outputs.size() * kernels().width; }
  /// \return floats of the sums of the largest block, the bias behind the weights
  Index block_floats() const {
    const WeightBlock largest{{0, outputs_in_turn}, {0, units_in_turn}};
    return weight_floats(largest) + bias_floats(largest);
  }
  /// \return tasks along the output channels
  Index output_blocks() const { return divide_up(output_groups, outputs_in_turn); }
  /// \return tasks along the units
  Index unit_blocks() const { return divide_up(units, units_in_turn); }
  /// \return blocks
  Index blocks() const { return output_blocks() * unit_blocks(); }
  /// \param k  0 ... blocks() - 1
  /// \return   a block
  WeightBlock block(Index k) const;
  /// \return whether there are so few blocks that each shard of the batch is a task of its own
  bool at_once() const { return blocks() < 4; }
  /// \param count  registers of output channels
  /// \return       floats of a chunk of the output's gradient
  Index y_floats(Index count) const {
    return count * chunk.images * chunk.rows * chunk.columns * kernels().width;
  }
  /// \param count  units
  /// \return       floats of the copy of one image
  Index x_image(Index count) const { return count * plane; }
  /// \param count  units
  /// \return       floats of the copy of a chunk, and one register to spare
  Index x_floats(Index count) const { return chunk.images * x_image(count) + kernels().width; }
  /// \param rows  of the output
  /// \return      rows of the image that they meet
  Index rows_of(Index rows) const { return (rows - 1) * s.sh + s.kh; }

  /// Copies rows of a unit of channels, `width` channels of a pixel into one register.
  /// \param to        the unit's copy
  /// \param image     where the first row would begin, were it not in the padding
  /// \param channels  how many there are
  /// \param rows      those that are in the image; the others are zero
  /// \param columns   pixels of a row
  void copy_channels(float* to, const float* image, Index channels, Range rows, Index columns) const;
  /// Copies rows of one channel with their padding.
  /// \param to     the unit's copy
  /// \param image  where the first row would begin, were it not in the padding
  /// \param rows   those that are in the image; the others are zero
  void copy_rows(float* to, const float* image, Range rows) const;

  /// Puts a register of weights where they belong.
  /// \param weights         of one output channel, [ic, kh, kw]
  /// \param register_number  which
  /// \param values          its `width` numbers
  void write(float* weights, Index register_number, const float* values) const;

 private:
  void choose_chunk(Index images);
  void lay_out_channels();
  void lay_out_rows();
  void share_out();
};

}  // namespace cnn::simd
