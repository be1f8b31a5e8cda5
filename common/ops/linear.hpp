// SPDX-License-Identifier: MIT
#pragma once

#include <optional>

#include "common/backend/operation.hpp"
#include "common/backend/shards.hpp"

namespace cnn::ops {

/// Multiplies each row by a matrix and adds a bias: a fully connected layer.
///
/// \f[ y_{n,o} = b_o + \sum_i x_{n,i}\, w_{o,i} \f]
///
/// \param x       rows, [n, in]
/// \param weight  [out, in]
/// \param bias    [out], or null for none
/// \param epilogue  what happens to y on its way to memory
/// \return        [n, out]
/// \throws ShapeError   sizes disagree
/// \throws DeviceError  tensors are on different devices
/// \note   2 n out in operations
Tensor linear(const Tensor& x, const Tensor& weight, const Tensor* bias, const Epilogue& epilogue = {});

/// The same of operands in one hand, which may say what is kept of the weight.
/// \param x  rows, [n, in]
/// \param w  weight, bias and epilogue
/// \return   [n, out]
/// \throws ShapeError   as above
/// \throws DeviceError  as above
Tensor linear(const Tensor& x, const ConvWeights& w);

/// Gradients of a loss with respect to what linear() was given.
struct LinearGrads {
  Tensor x;       ///< [n, in]
  Tensor weight;  ///< [out, in]
  Tensor bias;    ///< [out]
};

/// Gradients of linear(): new tensors, nothing is added to.
///
/// \f[ \bar x = \bar y\, w,\qquad \bar w = \bar y^{\mathsf T} x,\qquad \bar b_o = \sum_n \bar y_{n,o} \f]
///
/// \param grad_y  dL/dy, [n, out]
/// \param x       what linear() was given
/// \param weight  what linear() was given
/// \return        all three gradients
/// \throws ShapeError  sizes disagree
LinearGrads linear_backward(const Tensor& grad_y, const Tensor& x, const Tensor& weight);

/// Only dL/dx of linear_backward().
/// \param grad_y  dL/dy, [n, out]
/// \param weight  what linear() was given, [out, in]
/// \return        dL/dx, [n, in]
/// \throws ShapeError  sizes disagree
Tensor linear_backward_input(const Tensor& grad_y, const Tensor& weight);

/// Only dL/dweight and dL/dbias of linear_backward(), written into given tensors.
/// \param grad_weight  overwritten, [out, in]
/// \param grad_bias    overwritten, [out]; null for a layer without bias
/// \param grad_y       dL/dy, [n, out]
/// \param x            what linear() was given, [n, in]
/// \param shards       those of a batch that x holds; all by default
/// \throws ShapeError  sizes disagree
void linear_backward_weight_into(Tensor& grad_weight, Tensor* grad_bias, const Tensor& grad_y,
                                 const Tensor& x, const std::optional<Shards>& shards = {});

}  // namespace cnn::ops
