// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>

#include "common/backend/reference/activation.hpp"
#include "common/backend/reference/array4.hpp"
#include "common/backend/shards.hpp"
#include "common/core/threads.hpp"

namespace cnn::reference {

// Shapes: x, y [n, c, h, w] (rows [n, c] have h = w = 1), mean, variance, weight, bias [c]; gradients like what they belong to.
// Sums are kept in double.

/// Calls work(c) for every channel, channels in parallel.
/// \param x     images
/// \param work  what to do with a channel
template <typename T, typename Work>
void for_each_channel(const Array4<T>& x, const Work& work) {
  parallel_for(x.c, 1, [&](Index first, Index last) {
    for (Index c = first; c < last; ++c) work(c);
  });
}

/// Calls work(n, c, i, j) for every value of a channel.
/// \param x     images
/// \param c     the channel
/// \param work  what to do with the place of a value
template <typename T, typename Work>
void for_each_value(const Array4<T>& x, Index c, const Work& work) {
  for (Index n = 0; n < x.n; ++n)
    for (Index i = 0; i < x.h; ++i)
      for (Index j = 0; j < x.w; ++j) work(n, c, i, j);
}

/// The sum of term(n, c, i, j) over all values of a channel, in double, by shards of the batch.
/// \param x       images
/// \param c       the channel
/// \param shards  of the images
/// \param term    what the value at a place adds
/// \return        the sum
template <typename T, typename Term>
double sum_channel(const Array4<T>& x, Index c, const Shards& shards, const Term& term) {
  return sum_over_shards<double>(shards, [&](Index n) {
    double sum = 0;
    for (Index i = 0; i < x.h; ++i)
      for (Index j = 0; j < x.w; ++j) sum += term(n, c, i, j);
    return sum;
  });
}

/// \f$ \mu_c = \frac{1}{m} \sum x,\qquad \sigma^2_c = \frac{1}{m} \sum x^2 - \mu_c^2 \f$ over the values of a channel: in double,
/// which has digits to spare for the difference
/// \param mean      [c], overwritten
/// \param variance  [c], overwritten
/// \param x         images
/// \param shards    of the images
template <typename T>
void batch_norm_statistics(T* mean, T* variance, const Array4<const T>& x, const Shards& shards) {
  const auto m = static_cast<double>(x.n * x.h * x.w);
  for_each_channel(x, [&](Index c) {
    const double sum = sum_channel(x, c, shards, [&](auto... at) { return double{x(at...)}; });
    const double squares =
        sum_channel(x, c, shards, [&](auto... at) { return double{x(at...)} * double{x(at...)}; });
    mean[c] = static_cast<T>(sum / m);
    variance[c] = static_cast<T>(std::max(squares / m - (sum / m) * (sum / m), 0.0));
  });
}

/// \f$ y = \gamma_c \frac{x - \mu_c}{\sqrt{\sigma^2_c + \epsilon}} + \beta_c \f$
/// \param y         images, overwritten; may be x
/// \param x         images
/// \param mean      [c]
/// \param variance  [c]
/// \param weight    gamma, [c]
/// \param bias      beta, [c]
/// \param epsilon   added to the variance
/// \param ends_with_relu  whether max(y, 0) takes the place of y
template <typename T>
void batch_norm(const Array4<T>& y, const Array4<const T>& x, const T* mean, const T* variance,
                const T* weight, const T* bias, double epsilon, bool ends_with_relu = false) {
  for_each_channel(x, [&](Index c) {
    const auto scale = static_cast<T>(double{weight[c]} / std::sqrt(double{variance[c]} + epsilon));
    for_each_value(x, c, [&](auto... at) {
      const T value = (x(at...) - mean[c]) * scale + bias[c];
      y(at...) = ends_with_relu ? relu(value) : value;
    });
  });
}

/// What a ReLU behind batch_norm() makes of a gradient, from x: \f$ \bar y \f$ where y > 0, else 0.
/// \param grad      images, overwritten; may be grad_y
/// \param grad_y    images
/// \param x,mean,variance,weight,bias,epsilon  as for batch_norm()
template <typename T>
void batch_norm_relu_backward(const Array4<T>& grad, const Array4<const T>& grad_y, const Array4<const T>& x,
                              const T* mean, const T* variance, const T* weight, const T* bias,
                              double epsilon) {
  for_each_channel(x, [&](Index c) {
    const auto scale = static_cast<T>(double{weight[c]} / std::sqrt(double{variance[c]} + epsilon));
    for_each_value(x, c, [&](auto... at) {
      grad(at...) = (x(at...) - mean[c]) * scale + bias[c] <= 0 ? T{0} : grad_y(at...);
    });
  });
}

/// With \f$ \hat x = (x - \mu_c) / \sqrt{\sigma^2_c + \epsilon} \f$:
/// \f$ \bar\beta_c = \sum \bar y,\quad \bar\gamma_c = \sum \bar y\, \hat x,\quad
///     \bar x = \frac{\gamma_c}{\sqrt{\sigma^2_c + \epsilon}}
///     \left( \bar y - \frac{\bar\beta_c}{m} - \hat x\, \frac{\bar\gamma_c}{m} \right) \f$
/// \param grad_x       images, overwritten; may be grad_y
/// \param grad_weight  [c], overwritten
/// \param grad_bias    [c], overwritten
/// \param grad_y       images
/// \param x            what the forward pass was given
/// \param mean         [c], of x
/// \param variance     [c], of x
/// \param weight       gamma, [c]
/// \param epsilon      added to the variance
/// \param shards       of the images
template <typename T>
void batch_norm_backward(const Array4<T>& grad_x, T* grad_weight, T* grad_bias, const Array4<const T>& grad_y,
                         const Array4<const T>& x, const T* mean, const T* variance, const T* weight,
                         double epsilon, const Shards& shards) {
  const auto m = static_cast<double>(x.n * x.h * x.w);
  for_each_channel(x, [&](Index c) {
    const double inverse = 1 / std::sqrt(double{variance[c]} + epsilon);
    const double sum_grad = sum_channel(x, c, shards, [&](auto... at) { return double{grad_y(at...)}; });
    const double sum_product = sum_channel(x, c, shards, [&](auto... at) {
      return double{grad_y(at...)} * ((double{x(at...)} - double{mean[c]}) * inverse);
    });
    grad_bias[c] = static_cast<T>(sum_grad);
    grad_weight[c] = static_cast<T>(sum_product);
    for_each_value(x, c, [&](auto... at) {
      const double normalized = (double{x(at...)} - double{mean[c]}) * inverse;
      const double grad = double{grad_y(at...)} - sum_grad / m - normalized * (sum_product / m);
      grad_x(at...) = static_cast<T>(double{weight[c]} * inverse * grad);
    });
  });
}

}  // namespace cnn::reference
