// SPDX-License-Identifier: MIT
#pragma once

#include "common/backend/reference/activation.hpp"
#include "common/backend/shards.hpp"
#include "common/core/shape.hpp"
#include "common/core/threads.hpp"

namespace cnn::reference {

/// Sizes of a linear layer.
struct LinearSizes {
  Index n;    ///< rows
  Index in;   ///< features of a row of x
  Index out;  ///< features of a row of y
};

// Shapes: x [n, in], weight [out, in], bias [out], y [n, out]; gradients like what they belong to. Sums are kept in double.

/// \f$ y_{n,o} = b_o + \sum_i x_{n,i}\, w_{o,i} \f$
/// \param y       [n, out], overwritten
/// \param x       [n, in]
/// \param weight  [out, in]
/// \param bias    [out], or null for none
/// \param s       sizes
/// \param ends_with_relu  whether max(y, 0) takes the place of y
template <typename T>
void linear(T* y, const T* x, const T* weight, const T* bias, const LinearSizes& s,
            bool ends_with_relu = false) {
  parallel_for(s.n, 8, [&](Index first, Index last) {
    for (Index n = first; n < last; ++n)
      for (Index o = 0; o < s.out; ++o) {
        double sum = bias == nullptr ? 0 : bias[o];
        for (Index i = 0; i < s.in; ++i) sum += double{x[n * s.in + i]} * double{weight[o * s.in + i]};
        const auto rounded = static_cast<T>(sum);
        y[n * s.out + o] = ends_with_relu ? relu(rounded) : rounded;
      }
  });
}

/// \f$ \bar x_{n,i} = \sum_o \bar y_{n,o}\, w_{o,i} \f$
/// \param grad_x  [n, in], overwritten
/// \param grad_y  [n, out]
/// \param weight  [out, in]
/// \param s       sizes
template <typename T>
void linear_backward_input(T* grad_x, const T* grad_y, const T* weight, const LinearSizes& s) {
  parallel_for(s.n, 8, [&](Index first, Index last) {
    for (Index n = first; n < last; ++n)
      for (Index i = 0; i < s.in; ++i) {
        double sum = 0;
        for (Index o = 0; o < s.out; ++o) sum += double{grad_y[n * s.out + o]} * double{weight[o * s.in + i]};
        grad_x[n * s.in + i] = static_cast<T>(sum);
      }
  });
}

/// \f$ \bar w_{o,i} = \sum_n \bar y_{n,o}\, x_{n,i},\qquad \bar b_o = \sum_n \bar y_{n,o} \f$
/// \param grad_weight  [out, in], overwritten
/// \param grad_bias    [out], overwritten; null for a layer without bias
/// \param grad_y       [n, out]
/// \param x            [n, in]
/// \param s            sizes
/// \param shards       of the rows
template <typename T>
void linear_backward_weight(T* grad_weight, T* grad_bias, const T* grad_y, const T* x, const LinearSizes& s,
                            const Shards& shards) {
  parallel_for(s.out, 8, [&](Index first, Index last) {
    for (Index o = first; o < last; ++o) {
      for (Index i = 0; i < s.in; ++i) {
        grad_weight[o * s.in + i] = sum_over_shards<T>(
            shards, [&](Index n) { return double{grad_y[n * s.out + o]} * double{x[n * s.in + i]}; });
      }
      if (grad_bias == nullptr) continue;
      grad_bias[o] = sum_over_shards<T>(shards, [&](Index n) { return double{grad_y[n * s.out + o]}; });
    }
  });
}

}  // namespace cnn::reference
