// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include "common/core/table.hpp"
#include "common/nn/module.hpp"

namespace cnn::nn {

/// One layer of the layer table.
struct SummaryRow {
  std::string name;    ///< full name, "conv.0"
  std::string kind;    ///< "Conv2d", or "Conv2d + relu" where it does the work of a ReLU after it, see fuse()
  Shape output_shape;  ///< for the batch given
  Index parameters = 0;        ///< numbers to learn
  Index macs = 0;              ///< multiplications with addition, for the batch given
  Index activation_bytes = 0;  ///< of the output for the batch given; some layers write it over their input
  ReceptiveField
      field;  ///< what one output element sees of the network's input; all of it from the first Linear on
};

/// The layer table of a network.
struct Summary {
  Shape input_shape;             ///< the batch
  std::vector<SummaryRow> rows;  ///< the layers, in the order of the forward pass
  Index parameters = 0;          ///< total
  Index macs = 0;                ///< total for the batch
  Index activation_bytes = 0;    ///< total for the batch, in bytes
};

/// Follows a batch through a network without computing anything.
/// \param model  the network
/// \param x      shape of a batch, [n, c, h, w]
/// \return       one row for each layer that is no container, and totals
/// \throws ShapeError  the batch does not fit
Summary summarize(const Module& model, const Shape& x);

/// \param summary  what summarize() returned
/// \return         its layer table: a line a layer, then the totals
Table to_table(const Summary& summary);

/// Writes a layer table, one line a layer, columns aligned, each line ended.
/// \param summary  what summarize() returned
/// \return         text
std::string to_text(const Summary& summary);

}  // namespace cnn::nn
