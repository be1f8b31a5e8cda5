// SPDX-License-Identifier: MIT
#pragma once

#include "common/nn/module.hpp"

namespace cnn::nn {

/// What a convolution or a linear layer multiplies by, and what it adds.
struct Folded {
  Tensor weight;  ///< [outputs, ...]
  Tensor bias;    ///< [outputs]
};

/// Whether a module normalizes batches: BatchNorm1d, BatchNorm2d, or the layer that section 5.10 writes by hand.
/// \param module  a layer
/// \return        whether its kind says so; it then has scale and shift as parameters, mean and variance as float buffers, and its
///                epsilon among the options of its Spec
bool is_batch_norm(const Module& module);

/// \param layer  a layer
/// \param next   what follows it
/// \return       whether one layer can do the work of both, see fold_batch_norm()
bool can_fold(const Module& layer, const Module& next);

/// What a batch normalization does in evaluation, a factor and a term for each channel: scale x + shift.
struct Line {
  Tensor scale;  ///< [channels], \f$ \gamma / \sqrt{\sigma^2 + \epsilon} \f$
  Tensor shift;  ///< [channels], \f$ \beta - \mu\, \gamma / \sqrt{\sigma^2 + \epsilon} \f$
};

/// \param norm  see is_batch_norm(), on any device
/// \return      its line, on the host, worked out in double
Line line_of(Module& norm);

/// A layer that does the work of a batch normalization right behind it, in evaluation: both are linear, so that
/// \f$ \gamma (Wx + b - \mu) / \sqrt{\sigma^2 + \epsilon} + \beta = W'x + b' \f$ with \f$ s = \gamma / \sqrt{\sigma^2 + \epsilon} \f$,
/// \f$ W' = s W \f$ and \f$ b' = s (b - \mu) + \beta \f$, for each output by itself. Worked out in double.
/// \param layer  a Conv2d or a Linear, on any device
/// \param norm   what follows it, see is_batch_norm()
/// \return       weight and bias, on the host
/// \throws ShapeError  norm has another number of channels
Folded fold_batch_norm(Module& layer, Module& norm);

}  // namespace cnn::nn
