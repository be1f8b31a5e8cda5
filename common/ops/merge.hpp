// SPDX-License-Identifier: MIT
#pragma once

#include <span>

#include "common/backend/backend.hpp"

namespace cnn::ops {

/// Puts the channels of several batches of images behind each other.
///
/// \f[ y_{n,\;C_k + c,\;i,j} = x^{(k)}_{n,c,i,j},\qquad C_k = \sum_{l<k} c_l \f]
///
/// \param parts  at least one, [n, c_k, ...]; all but the channels must agree; each may be a range of channels
/// \return       [n, sum of the c_k, ...], dense
/// \throws ShapeError   there is no part, or the shapes disagree
/// \throws DeviceError  a part is not on the device of the rung in use
Tensor concat_channels(std::span<const Tensor> parts);

/// Copies a range of channels; of a gradient of concat_channels(), the part that belongs to one of its inputs.
/// \param x      [n, c, ...]
/// \param first  first channel
/// \param count  number of channels
/// \return       [n, count, ...], dense, with storage of its own
/// \throws ShapeError  there are no such channels
Tensor channel_slice(const Tensor& x, Index first, Index count);

/// Shape of what concat_channels() returns.
/// \param parts  shapes of the parts
/// \return       [n, sum of the c_k, ...]
/// \throws ShapeError  there is no part, or the shapes disagree
Shape concat_output_shape(std::span<const Shape> parts);

}  // namespace cnn::ops
