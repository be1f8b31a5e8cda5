// SPDX-License-Identifier: MIT
#pragma once

#include "chapters/01_conv_layer/library.hpp"

namespace cnn::conv_layer {

/// Measures gradients instead of deriving them: moves one number at a time by one half, up and down, and watches the loss
/// \f$ L = \sum_{i,j} \bar y_{i,j}\, y_{i,j} \f$. The loss is linear in each number, so the result is exact up to rounding.
/// \param grad_y  dL/dy, the weights of the loss, [h - kh + 1, w - kw + 1]
/// \param x       image, [h, w]
/// \param k       kernel, [kh, kw]
/// \return        dL/dx, dL/dk and dL/db
//! [central_differences]
inline Gradients central_differences(const Matrix& grad_y, Matrix x, Matrix k) {
  float bias = 0;
  const auto loss = [&] {
    return xt::sum<double>(grad_y * (corr2d(x, k) + bias))();
  };
  const auto slope = [&](float& number) {
    const float saved = number;
    number = saved + 0.5F;
    const double up = loss();
    number = saved - 0.5F;
    const double down = loss();
    number = saved;
    return static_cast<float>(up - down);
  };
  Gradients grads{xt::zeros_like(x), xt::zeros_like(k), slope(bias)};
  for (std::size_t i = 0; i < x.size(); ++i) grads.x.flat(i) = slope(x.flat(i));
  for (std::size_t i = 0; i < k.size(); ++i)
    grads.weight.flat(i) = slope(k.flat(i));
  return grads;
}
//! [central_differences]

}  // namespace cnn::conv_layer
