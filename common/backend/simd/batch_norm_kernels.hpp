// SPDX-License-Identifier: MIT
#pragma once

// Included by unfused_<level>.cpp only, see there.

#include "common/backend/simd/registers.hpp"
#include "common/backend/simd/unfused.hpp"

namespace cnn::simd {
namespace {

/// Cuts each plane x[c, pixels] into chunks and calls work(c, offset, count): few enough values for sums in float that are
/// then added in double, and for a second pass that finds them in the first-level cache.
template <typename Work>
void for_each_chunk(Index channels, Index pixels, const Work& work) {
  constexpr Index chunk = 2048;
  for (Index c = 0; c < channels; ++c)
    for (Index first = 0; first < pixels; first += chunk)
      work(c, c * pixels + first, pixels - first < chunk ? pixels - first : chunk);
}

/// Memory is read once, each chunk twice: first for its mean m, then for distances d from it, which are small, so that their
/// sums lose nothing in float. The sums of x and of x^2 are those of d + m and of (d + m)^2, in double.
template <typename Arch>
void add_plane_moments(double* sum, double* squares, const float* x, Index channels, Index pixels) {
  using Vec = Floats<Arch>;
  for_each_chunk(channels, pixels, [&](Index c, Index offset, Index count) {
    const auto n = static_cast<double>(count);
    const auto add = [](Vec& total, Vec&, Vec value) { total += value; };
    const auto mean = static_cast<float>(sum_two<Arch>(count, 0.0F, add, x + offset).first / n);
    const auto add_distance = [m = Vec(mean)](Vec& total, Vec& total_squares, Vec value) {
      const Vec distance = value - m;
      total += distance;
      total_squares += distance * distance;
    };
    const TwoSums about_mean = sum_two<Arch>(count, mean, add_distance, x + offset);
    const double m = double{mean};
    sum[c] += about_mean.first + n * m;
    squares[c] += about_mean.second + 2 * m * about_mean.first + n * m * m;
  });
}

template <typename Arch>
void add_moments(double* sum, double* squares, const float* x, Index channels, Index pixels) {
  if (pixels > 1) return add_plane_moments<Arch>(sum, squares, x, channels, pixels);
  for (Index c = 0; c < channels; ++c) {
    const double value = double{x[c]};
    sum[c] += value;
    squares[c] += value * value;
  }
}

/// y before a ReLU. Both passes compute it by these operations, so that the backward pass finds y > 0 exactly where the
/// forward pass had it.
template <typename T>
[[gnu::always_inline]] inline T line(T value, T mean, T scale, T shift) {
  return (value - mean) * scale + shift;
}

/// The gradient of that: grad_y, or what a ReLU lets through.
template <bool relu, typename Vec>
[[gnu::always_inline]] inline Vec grad_of_line(Vec grad_y, Vec value, Vec mean, Vec scale, Vec shift) {
  return relu ? where_positive(line(value, mean, scale, shift), grad_y) : grad_y;
}

template <typename Arch, bool relu>
void normalize(float* y, const float* x, const Normalizer& norm, Index channels, Index pixels) {
  using Vec = Floats<Arch>;
  const auto formula = [](Vec value, Vec m, Vec s, Vec b) __attribute__((always_inline)) {
    const Vec out = line(value, m, s, b);
    return relu ? not_below_zero(out) : out;
  };
  if (pixels == 1) return map<Arch>(channels, formula, y, x, norm.mean, norm.scale, norm.shift);
  for (Index c = 0; c < channels; ++c) {
    const auto plane = [&, m = Vec(norm.mean[c]), s = Vec(norm.scale[c]), b = Vec(norm.shift[c])](Vec value) {
      return formula(value, m, s, b);
    };
    map<Arch>(pixels, plane, y + c * pixels, x + c * pixels);
  }
}

template <typename Arch, bool relu>
void add_plane_grads(double* sum, double* products, const float* grad_y, const float* x,
                     const Normalizer& norm, Index channels, Index pixels) {
  using Vec = Floats<Arch>;
  for_each_chunk(channels, pixels, [&](Index c, Index offset, Index count) {
    const auto add = [m = Vec(norm.mean[c]), s = Vec(norm.scale[c]), b = Vec(norm.shift[c])](
                         Vec& total, Vec& total_products, Vec grad_y_k, Vec value) {
      const Vec grad = grad_of_line<relu>(grad_y_k, value, m, s, b);
      total += grad;
      total_products += grad * (value - m);
    };
    const TwoSums sums = sum_two<Arch>(count, 0.0F, add, grad_y + offset, x + offset);
    sum[c] += sums.first;
    products[c] += sums.second;
  });
}

template <typename Arch, bool relu>
void add_grads(double* sum, double* products, const float* grad_y, const float* x, const Normalizer& norm,
               Index channels, Index pixels) {
  if (pixels > 1) return add_plane_grads<Arch, relu>(sum, products, grad_y, x, norm, channels, pixels);
  for (Index c = 0; c < channels; ++c) {
    const bool stopped = relu && line(x[c], norm.mean[c], norm.scale[c], norm.shift[c]) <= 0;
    const double grad = stopped ? 0.0 : double{grad_y[c]};
    sum[c] += grad;
    products[c] += grad * (double{x[c]} - double{norm.mean[c]});
  }
}

template <typename Arch, bool relu>
void normalize_backward(float* grad_x, const float* grad_y, const float* x, const Normalizer& norm,
                        const GradientLine& g, Index channels, Index pixels) {
  using Vec = Floats<Arch>;
  const auto formula = [](Vec grad_y_k, Vec value, Vec m, Vec s, Vec b, Vec mean_grad, Vec slope, Vec scale)
      __attribute__((always_inline)) {
    const Vec grad = grad_of_line<relu>(grad_y_k, value, m, s, b);
    return (grad - mean_grad - (value - m) * slope) * scale;
  };
  if (pixels == 1)
    return map<Arch>(channels, formula, grad_x, grad_y, x, norm.mean, norm.scale, norm.shift, g.mean_grad,
                     g.slope, g.scale);
  for (Index c = 0; c < channels; ++c) {
    const auto plane = [&, m = Vec(norm.mean[c]), s = Vec(norm.scale[c]), b = Vec(norm.shift[c]),
                        mean_grad = Vec(g.mean_grad[c]), slope = Vec(g.slope[c]),
                        scale = Vec(g.scale[c])](Vec grad, Vec value) {
      return formula(grad, value, m, s, b, mean_grad, slope, scale);
    };
    map<Arch>(pixels, plane, grad_x + c * pixels, grad_y + c * pixels, x + c * pixels);
  }
}

template <typename Arch>
constexpr BatchNormKernels batch_norm_kernels() {
  return {.add_moments = add_moments<Arch>,
          .normalize = {normalize<Arch, false>, normalize<Arch, true>},
          .add_grads = {add_grads<Arch, false>, add_grads<Arch, true>},
          .backward = {normalize_backward<Arch, false>, normalize_backward<Arch, true>}};
}

}  // namespace
}  // namespace cnn::simd
