// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>

#include "common/backend/reference/activation.hpp"
#include "common/backend/reference/array4.hpp"
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

/// Adds up the values of a channel over the images of a shard, in double.
/// \param x      images
/// \param c      the channel
/// \param first  image of the shard
/// \param last   image behind it
/// \param term   what the value at a place (n, c, i, j) adds
/// \return       the sum
template <typename T, typename Term>
double sum_channel(const Array4<T>& x, Index c, Index first, Index last, const Term& term) {
  double sum = 0;
  for (Index n = first; n < last; ++n)
    for (Index i = 0; i < x.h; ++i)
      for (Index j = 0; j < x.w; ++j) sum += term(n, c, i, j);
  return sum;
}

/// \f$ \sum x,\qquad \sum x^2 \f$ over the values of each channel of a shard
/// \param sum      [c], overwritten
/// \param squares  [c], overwritten
/// \param x        images
/// \param first    image of the shard
/// \param last     image behind it
template <typename T>
void batch_norm_moments(double* sum, double* squares, const Array4<const T>& x, Index first, Index last) {
  for_each_channel(x, [&](Index c) {
    sum[c] = sum_channel(x, c, first, last, [&](auto... at) { return double{x(at...)}; });
    squares[c] =
        sum_channel(x, c, first, last, [&](auto... at) { return double{x(at...)} * double{x(at...)}; });
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

/// \f$ \sum \bar y,\qquad \sum \bar y\, (x - \mu_c) \f$ over the values of each channel of a shard
/// \param sum       [c], overwritten
/// \param products  [c], overwritten
/// \param grad_y    images
/// \param x         what the forward pass was given
/// \param mean      [c], of the batch
/// \param first     image of the shard
/// \param last      image behind it
template <typename T>
void batch_norm_gradient_sums(double* sum, double* products, const Array4<const T>& grad_y,
                              const Array4<const T>& x, const T* mean, Index first, Index last) {
  for_each_channel(x, [&](Index c) {
    sum[c] = sum_channel(x, c, first, last, [&](auto... at) { return double{grad_y(at...)}; });
    products[c] = sum_channel(x, c, first, last, [&](auto... at) {
      return double{grad_y(at...)} * (double{x(at...)} - double{mean[c]});
    });
  });
}

/// With \f$ \hat x = (x - \mu_c) / \sqrt{\sigma^2_c + \epsilon} \f$, and sums over the m values of a channel in the batch:
/// \f$ \bar x = \frac{\gamma_c}{\sqrt{\sigma^2_c + \epsilon}}
///     \left( \bar y - \frac{1}{m} \sum \bar y - \hat x\, \frac{1}{m} \sum \bar y\, \hat x \right) \f$
/// \param grad_x    images, overwritten; may be grad_y
/// \param grad_y    images
/// \param x         what the forward pass was given
/// \param mean      [c], of the batch
/// \param variance  [c], of the batch
/// \param weight    gamma, [c]
/// \param epsilon   added to the variance
/// \param sum       [c], as batch_norm_gradient_sums() makes it, over the batch
/// \param products  [c], likewise
/// \param m         values of a channel
template <typename T>
void batch_norm_backward(const Array4<T>& grad_x, const Array4<const T>& grad_y, const Array4<const T>& x,
                         const T* mean, const T* variance, const T* weight, double epsilon, const double* sum,
                         const double* products, Index m) {
  for_each_channel(x, [&](Index c) {
    const double inverse = 1 / std::sqrt(double{variance[c]} + epsilon);
    const double mean_grad = sum[c] / static_cast<double>(m);
    const double slope = products[c] * inverse / static_cast<double>(m);
    for_each_value(x, c, [&](auto... at) {
      const double normalized = (double{x(at...)} - double{mean[c]}) * inverse;
      const double grad = double{grad_y(at...)} - mean_grad - normalized * slope;
      grad_x(at...) = static_cast<T>(double{weight[c]} * inverse * grad);
    });
  });
}

}  // namespace cnn::reference
