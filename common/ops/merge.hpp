// SPDX-License-Identifier: MIT
#pragma once

#include <span>

#include "common/backend/operation.hpp"

namespace cnn::ops {

/// How concat_channels() uses memory.
struct ConcatOptions {
  bool grow =
      false;  ///< if there is memory in reserve behind the first part, put the others there; it is not copied then
  Index reserve =
      0;  ///< channels that a new tensor has in reserve behind those of the parts, see Tensor::with_reserve()
};

/// Puts the channels of several batches of images behind each other.
///
/// \f[ y_{n,\;C_k + c,\;i,j} = x^{(k)}_{n,c,i,j},\qquad C_k = \sum_{l<k} c_l \f]
///
/// \param parts    at least one, [n, c_k, ...]; all but the channels must agree; each may be a range of channels
/// \param options  whether the first part may stay where it is, and what a later call may put behind it
/// \return         [n, sum of the c_k, ...]; dense if nothing is left in reserve behind it
/// \throws ShapeError   there is no part, or the shapes disagree
/// \throws DeviceError  tensors are on different devices
Tensor concat_channels(std::span<const Tensor> parts, const ConcatOptions& options = {});

/// Shape of what concat_channels() returns.
/// \param parts  shapes of the parts
/// \return       [n, sum of the c_k, ...]
/// \throws ShapeError  there is no part, or the shapes disagree
Shape concat_output_shape(std::span<const Shape> parts);

}  // namespace cnn::ops
