// SPDX-License-Identifier: MIT
#include <algorithm>

#include "common/backend/batch_norm_sums.hpp"
#include "common/backend/xtensor/xtensor_backend.hpp"
#include "common/core/threads.hpp"

// Plain loops over the planes of one channel after the other: xtensor would need [c] broadcast over [n, c, h, w], which it does
// element by element. With x^ = (x - mean) / sqrt(variance + epsilon):
//
//     forward    y = gamma x^ + beta
//     backward   dx = gamma / sqrt(variance + epsilon) (dy - mean(dy) - x^ mean(dy x^))
//
// Sums are kept in double, eight at a time that do not wait for each other, so that the compiler can vectorise them.

namespace cnn {
namespace {

/// Sizes of a tensor [n, c] or [n, c, h, w] as planes of consecutive values.
struct Planes {
  Index n, c, pixels;

  explicit Planes(const Tensor& x)
      : n(x.shape()[0]), c(x.shape()[1]), pixels(x.rank() == 4 ? x.shape()[2] * x.shape()[3] : 1) {}
  Index count() const { return n * pixels; }
  /// First value of a plane; the tensor may be a range of channels.
  template <typename T>
  auto* of(T& x, Index image, Index channel) const {
    return x.data() + image * x.image_stride() + channel * pixels;
  }
};

/// Calls work(c) for every channel; small channels share a piece.
template <typename Work>
void for_each_channel(const Planes& p, const Work& work) {
  constexpr Index values_per_piece = 16384;
  parallel_for(p.c, values_per_piece / std::max<Index>(p.count(), 1), [&](Index first, Index last) {
    for (Index c = first; c < last; ++c) work(c);
  });
}

/// Two sums that are made in one pass.
struct Sums {
  double first = 0;
  double second = 0;
};

/// Sums of two terms over the planes of a channel in images first ... last - 1; terms_of(n)(k) gives both for the value at place k
/// of image n's plane.
template <typename TermsOf>
Sums sum_channel(const Planes& p, Index first_image, Index last_image, const TermsOf& terms_of) {
  constexpr Index lanes = 8;
  Sums total;
  for (Index n = first_image; n < last_image; ++n) {
    const auto terms = terms_of(n);
    double first[lanes] = {};
    double second[lanes] = {};
    Index k = 0;
    for (; k + lanes <= p.pixels; k += lanes)
      for (Index lane = 0; lane < lanes; ++lane) {
        const Sums term = terms(k + lane);
        first[lane] += term.first;
        second[lane] += term.second;
      }
    for (; k < p.pixels; ++k) {
      const Sums term = terms(k);
      first[0] += term.first;
      second[0] += term.second;
    }
    for (Index lane = 0; lane < lanes; ++lane) {
      total.first += first[lane];
      total.second += second[lane];
    }
  }
  return total;
}

/// Sums of two terms, those of each channel and shard; terms_of(c, n)(k) gives both, as above.
template <typename TermsOf>
BatchNormSums sum_shards(const Planes& p, const BatchPart& part, const TermsOf& terms_of) {
  BatchNormSums sums(p.c, part);
  for_each_channel(p, [&](Index c) {
    for (Index k = 0; k < part.shards.count(); ++k) {
      const Sums of_shard = sum_channel(p, part.shards.begin(k), part.shards.begin(k + 1),
                                        [&](Index n) { return terms_of(c, n); });
      sums.first(k)[c] = of_shard.first;
      sums.second(k)[c] = of_shard.second;
    }
  });
  return sums;
}

/// \return a function: the output of channel c for an input
auto line_of(const Normalization& norm, Index c) {
  const double inverse = inverse_deviation(norm, c);
  const auto scale = static_cast<float>(double{norm.weight.data()[c]} * inverse);
  return [=, mean = norm.mean.data()[c], shift = norm.bias.data()[c]](float value) {
    return (value - mean) * scale + shift;
  };
}

/// What a ReLU behind channel c makes of the gradient, from x.
void mask_gradient(Tensor& grad, const Tensor& grad_y, const Tensor& x, const Normalization& norm, Index c) {
  const Planes p(x);
  const auto normalize = line_of(norm, c);
  for (Index n = 0; n < p.n; ++n) {
    const float* const from = p.of(grad_y, n, c);
    std::transform(from, from + p.pixels, p.of(x, n, c), p.of(grad, n, c),
                   [=](float g, float value) { return normalize(value) <= 0 ? 0.0F : g; });
  }
}

}  // namespace

void XtensorBackend::batch_norm_training(Tensor& y, const BatchStatistics& statistics, const Tensor& x,
                                         const Normalization& norm, const BatchPart& part) {
  const Planes p(x);
  BatchNormSums sums = sum_shards(p, part, [&](Index c, Index n) {
    return [in = p.of(x, n, c)](Index k) { return Sums{double{in[k]}, double{in[k]} * double{in[k]}}; };
  });
  sums.finish(statistics, p.pixels);
  batch_norm(y, x, norm);
}

void XtensorBackend::batch_norm(Tensor& y, const Tensor& x, const Normalization& norm) {
  const Planes p(x);
  const float least = norm.epilogue.least();
  for_each_channel(p, [&](Index c) {
    const auto normalize = line_of(norm, c);
    for (Index n = 0; n < p.n; ++n) {
      const float* const from = p.of(x, n, c);
      std::transform(from, from + p.pixels, p.of(y, n, c),
                     [=](float value) { return std::max(normalize(value), least); });
    }
  });
}

void XtensorBackend::batch_norm_backward(Tensor& grad_x, Tensor& grad_weight, Tensor& grad_bias,
                                         const Tensor& grad_y, const Tensor& x, const Normalization& norm,
                                         const BatchPart& part, Write) {
  const Planes p(x);
  const Tensor& grad_in = norm.epilogue.relu ? grad_x : grad_y;
  if (norm.epilogue.relu) for_each_channel(p, [&](Index c) { mask_gradient(grad_x, grad_y, x, norm, c); });
  BatchNormSums sums = sum_shards(p, part, [&](Index c, Index n) {
    const double mean = norm.mean.data()[c];
    return [in = p.of(x, n, c), grad = p.of(grad_in, n, c), mean](Index k) {
      return Sums{double{grad[k]}, double{grad[k]} * (double{in[k]} - mean)};
    };
  });
  sums.finish(grad_weight, grad_bias, norm);
  const auto m = static_cast<double>(part.shards.images * p.pixels);
  for_each_channel(p, [&](Index c) {
    const double inverse = inverse_deviation(norm, c);
    const auto scale = static_cast<float>(double{norm.weight.data()[c]} * inverse);
    const auto mean_grad = static_cast<float>(sums.first()[c] / m);
    const auto slope = static_cast<float>(sums.second()[c] * inverse * inverse / m);
    const float center = norm.mean.data()[c];
    for (Index n = 0; n < p.n; ++n) {
      const float* const grad = p.of(grad_in, n, c);
      std::transform(grad, grad + p.pixels, p.of(x, n, c), p.of(grad_x, n, c), [=](float g, float value) {
        return (g - mean_grad - (value - center) * slope) * scale;
      });
    }
  });
}

}  // namespace cnn
