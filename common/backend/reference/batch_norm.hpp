// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>

#include "common/core/shape.hpp"
#include "common/core/threads.hpp"

namespace cnn::reference {

/// Sizes of a batch normalization.
struct ChannelSizes {
  Index n;       ///< rows or images
  Index c;       ///< channels
  Index pixels;  ///< h w of an image, 1 for rows

  /// \return values of one channel, m
  Index count() const { return n * pixels; }
};

// Shapes: x, y [n, c, pixels], mean, variance, weight, bias [c]; gradients like what they belong to. Sums are kept in double.

/// Calls work(c) for every channel, channels in parallel.
/// \param s     sizes
/// \param work  what to do with a channel
template <typename Work>
void for_each_channel(const ChannelSizes& s, const Work& work) {
  parallel_for(s.c, 1, [&](Index first, Index last) {
    for (Index c = first; c < last; ++c) work(c);
  });
}

/// Calls work(k) for the place k of every value of a channel.
/// \param s     sizes
/// \param c     the channel
/// \param work  what to do with a place
template <typename Work>
void for_each_value(const ChannelSizes& s, Index c, const Work& work) {
  for (Index n = 0; n < s.n; ++n)
    for (Index k = 0; k < s.pixels; ++k) work((n * s.c + c) * s.pixels + k);
}

/// \f$ \mu_c = \frac{1}{m} \sum x,\qquad \sigma^2_c = \frac{1}{m} \sum (x - \mu_c)^2 \f$ over the values of a channel
/// \param mean      [c], overwritten
/// \param variance  [c], overwritten
/// \param x         [n, c, pixels]
/// \param s         sizes
template <typename T>
void batch_norm_statistics(T* mean, T* variance, const T* x, const ChannelSizes& s) {
  const auto m = static_cast<double>(s.count());
  for_each_channel(s, [&](Index c) {
    double sum = 0;
    for_each_value(s, c, [&](Index k) { sum += double{x[k]}; });
    const double mu = sum / m;
    double squares = 0;
    for_each_value(s, c, [&](Index k) { squares += (double{x[k]} - mu) * (double{x[k]} - mu); });
    mean[c] = static_cast<T>(mu);
    variance[c] = static_cast<T>(squares / m);
  });
}

/// \f$ y = \gamma_c \frac{x - \mu_c}{\sqrt{\sigma^2_c + \epsilon}} + \beta_c \f$
/// \param y         [n, c, pixels], overwritten; may be x
/// \param x         [n, c, pixels]
/// \param mean      [c]
/// \param variance  [c]
/// \param weight    gamma, [c]
/// \param bias      beta, [c]
/// \param epsilon   added to the variance
/// \param s         sizes
template <typename T>
void batch_norm(T* y, const T* x, const T* mean, const T* variance, const T* weight, const T* bias,
                double epsilon, const ChannelSizes& s) {
  for_each_channel(s, [&](Index c) {
    const auto scale = static_cast<T>(double{weight[c]} / std::sqrt(double{variance[c]} + epsilon));
    for_each_value(s, c, [&](Index k) { y[k] = (x[k] - mean[c]) * scale + bias[c]; });
  });
}

/// With \f$ \hat x = (x - \mu_c) / \sqrt{\sigma^2_c + \epsilon} \f$:
/// \f$ \bar\beta_c = \sum \bar y,\quad \bar\gamma_c = \sum \bar y\, \hat x,\quad
///     \bar x = \frac{\gamma_c}{\sqrt{\sigma^2_c + \epsilon}}
///     \left( \bar y - \frac{\bar\beta_c}{m} - \hat x\, \frac{\bar\gamma_c}{m} \right) \f$
/// \param grad_x       [n, c, pixels], overwritten; may be grad_y
/// \param grad_weight  [c], overwritten
/// \param grad_bias    [c], overwritten
/// \param grad_y       [n, c, pixels]
/// \param x            what the forward pass was given
/// \param mean         [c], of x
/// \param variance     [c], of x
/// \param weight       gamma, [c]
/// \param epsilon      added to the variance
/// \param s            sizes
template <typename T>
void batch_norm_backward(T* grad_x, T* grad_weight, T* grad_bias, const T* grad_y, const T* x, const T* mean,
                         const T* variance, const T* weight, double epsilon, const ChannelSizes& s) {
  const auto m = static_cast<double>(s.count());
  for_each_channel(s, [&](Index c) {
    const double inverse = 1 / std::sqrt(double{variance[c]} + epsilon);
    double sum_grad = 0;
    double sum_product = 0;
    for_each_value(s, c, [&](Index k) {
      sum_grad += double{grad_y[k]};
      sum_product += double{grad_y[k]} * ((double{x[k]} - double{mean[c]}) * inverse);
    });
    grad_bias[c] = static_cast<T>(sum_grad);
    grad_weight[c] = static_cast<T>(sum_product);
    for_each_value(s, c, [&](Index k) {
      const double normalized = (double{x[k]} - double{mean[c]}) * inverse;
      const double grad = double{grad_y[k]} - sum_grad / m - normalized * (sum_product / m);
      grad_x[k] = static_cast<T>(double{weight[c]} * inverse * grad);
    });
  });
}

}  // namespace cnn::reference
