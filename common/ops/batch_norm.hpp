// SPDX-License-Identifier: MIT
#pragma once

#include <optional>

#include "common/backend/communicator.hpp"
#include "common/backend/operation.hpp"

namespace cnn::ops {

/// What batch_norm() returns: the output, and the statistics it was made with.
struct BatchNorm {
  Tensor y;         ///< like x
  Tensor mean;      ///< [c]
  Tensor variance;  ///< [c], mean squared deviation, without Bessel's correction
};

/// Normalizes each channel over the batch (and over the pixels of images), then scales and shifts it.
///
/// With m the number of values of a channel, m = n for rows and m = n h w for images:
///
/// \f[ \mu_c = \frac{1}{m} \sum_{n,i,j} x_{n,c,i,j},\qquad \sigma^2_c = \frac{1}{m} \sum_{n,i,j} (x_{n,c,i,j} - \mu_c)^2 \f]
/// \f[ \hat x_{n,c,i,j} = \frac{x_{n,c,i,j} - \mu_c}{\sqrt{\sigma^2_c + \epsilon}},\qquad
///     y_{n,c,i,j} = \gamma_c\, \hat x_{n,c,i,j} + \beta_c \f]
///
/// \param x        rows [n, c] or images [n, c, h, w]
/// \param weight   gamma, [c]
/// \param bias     beta, [c]
/// \param epsilon  added to the variance, against division by zero
/// \param epilogue  what happens to y on its way to memory
/// \param running  averages that follow the statistics; null for none
/// \param part     what this process has of the batch, whose statistics are taken; x is all of it by default
/// \return         output and statistics
/// \throws ShapeError   the batch has no values (one a channel is too few for running averages), or the shapes disagree
/// \throws DeviceError  tensors are on different devices
/// \see    S. Ioffe and C. Szegedy, "Batch normalization" (2015)
BatchNorm batch_norm(const Tensor& x, const Tensor& weight, const Tensor& bias, double epsilon = 1e-5,
                     const Epilogue& epilogue = {}, const RunningStatistics* running = nullptr,
                     const std::optional<BatchPart>& part = {});

/// batch_norm() with given statistics in place of those of x, as in evaluation.
/// \param x     rows [n, c] or images [n, c, h, w]; if nobody else holds its storage, y is written over it
/// \param norm  statistics, gamma, beta, epsilon and epilogue
/// \return      like x
/// \throws ShapeError  the shapes disagree
Tensor normalize(Tensor x, const Normalization& norm);

/// Gradients of a loss with respect to what batch_norm() was given.
struct BatchNormGrads {
  Tensor x;       ///< like x
  Tensor weight;  ///< [c]
  Tensor bias;    ///< [c]
};

/// Gradients of batch_norm(): new tensors, nothing is added to. The statistics depend on every value of the channel, hence the
/// two means that are taken off:
///
/// \f[ \bar\beta_c = \sum_{n,i,j} \bar y_{n,c,i,j},\qquad \bar\gamma_c = \sum_{n,i,j} \bar y_{n,c,i,j}\, \hat x_{n,c,i,j} \f]
/// \f[ \bar x_{n,c,i,j} = \frac{\gamma_c}{\sqrt{\sigma^2_c + \epsilon}} \left( \bar y_{n,c,i,j} - \frac{\bar\beta_c}{m}
///     - \hat x_{n,c,i,j}\, \frac{\bar\gamma_c}{m} \right) \f]
///
/// \param grad_y  dL/dy, like x; if it is dense and nobody else holds its storage, dL/dx is written over it
/// \param x       what batch_norm() was given
/// \param norm    the statistics that batch_norm() returned, and what it was given. With a ReLU in its epilogue, the parts of
///                grad_y that it stops are found from x: y is not needed
/// \param part    what batch_norm() was given. The gradients of weight and bias are those of this part alone
/// \return        all three gradients
/// \throws ShapeError  the shapes disagree
BatchNormGrads batch_norm_backward(Tensor grad_y, const Tensor& x, const Normalization& norm,
                                   const std::optional<BatchPart>& part = {});

/// batch_norm_backward(), written into given tensors; dL/dx may be added.
/// \param grads   overwritten; grads.x may be a range of channels, and grad_y itself where it is overwritten
/// \param grad_y  dL/dy, like x
/// \param x       what batch_norm() was given
/// \param norm    as for batch_norm_backward()
/// \param part    what batch_norm() was given
/// \param write   what becomes of the values of grads.x
/// \throws ShapeError  the shapes disagree
void batch_norm_backward_into(BatchNormGrads& grads, const Tensor& grad_y, const Tensor& x,
                              const Normalization& norm, const std::optional<BatchPart>& part = {},
                              Write write = Write::overwrites);

}  // namespace cnn::ops
