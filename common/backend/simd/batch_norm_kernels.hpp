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

//! [moments]
/// Memory is read once, each chunk twice: first for its mean m, then for distances d from it, which are small, so that their
/// sums lose nothing in float. About the origin o, with a = m - o, the sums are those of d + a and of (d + a)^2.
template <typename Arch>
void add_plane_moments(double* sum, double* squares, const float* x, const float* origin, Index channels,
                       Index pixels) {
  using Vec = xsimd::batch<float, Arch>;
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
    const double a = double{mean} - double{origin[c]};
    sum[c] += about_mean.first + n * a;
    squares[c] += about_mean.second + 2 * a * about_mean.first + n * a * a;
  });
}
//! [moments]

template <typename Arch>
void add_moments(double* sum, double* squares, const float* x, const float* origin, Index channels,
                 Index pixels) {
  if (pixels > 1) return add_plane_moments<Arch>(sum, squares, x, origin, channels, pixels);
  for (Index c = 0; c < channels; ++c) {
    const double distance = double{x[c]} - double{origin[c]};
    sum[c] += distance;
    squares[c] += distance * distance;
  }
}

template <typename Arch>
void normalize(float* y, const float* x, const float* mean, const float* scale, const float* shift,
               Index channels, Index pixels) {
  using Vec = xsimd::batch<float, Arch>;
  const auto formula = [](Vec value, Vec m, Vec s, Vec b) { return (value - m) * s + b; };
  if (pixels == 1) return map<Arch>(channels, formula, y, x, mean, scale, shift);
  for (Index c = 0; c < channels; ++c) {
    const auto plane = [&, m = Vec(mean[c]), s = Vec(scale[c]), b = Vec(shift[c])](Vec value) {
      return formula(value, m, s, b);
    };
    map<Arch>(pixels, plane, y + c * pixels, x + c * pixels);
  }
}

template <typename Arch>
void add_plane_grads(double* sum, double* products, const float* grad_y, const float* x, const float* mean,
                     Index channels, Index pixels) {
  using Vec = xsimd::batch<float, Arch>;
  for_each_chunk(channels, pixels, [&](Index c, Index offset, Index count) {
    const auto add = [m = Vec(mean[c])](Vec& total, Vec& total_products, Vec grad, Vec value) {
      total += grad;
      total_products += grad * (value - m);
    };
    const TwoSums sums = sum_two<Arch>(count, 0.0F, add, grad_y + offset, x + offset);
    sum[c] += sums.first;
    products[c] += sums.second;
  });
}

template <typename Arch>
void add_grads(double* sum, double* products, const float* grad_y, const float* x, const float* mean,
               Index channels, Index pixels) {
  if (pixels > 1) return add_plane_grads<Arch>(sum, products, grad_y, x, mean, channels, pixels);
  for (Index c = 0; c < channels; ++c) {
    sum[c] += double{grad_y[c]};
    products[c] += double{grad_y[c]} * (double{x[c]} - double{mean[c]});
  }
}

template <typename Arch>
void normalize_backward(float* grad_x, const float* grad_y, const float* x, const float* mean,
                        const float* mean_grad, const float* slope, const float* scale, Index channels,
                        Index pixels) {
  using Vec = xsimd::batch<float, Arch>;
  const auto formula = [](Vec grad, Vec value, Vec m, Vec g, Vec k, Vec s) {
    return (grad - g - (value - m) * k) * s;
  };
  if (pixels == 1) return map<Arch>(channels, formula, grad_x, grad_y, x, mean, mean_grad, slope, scale);
  for (Index c = 0; c < channels; ++c) {
    const auto plane = [&, m = Vec(mean[c]), g = Vec(mean_grad[c]), k = Vec(slope[c]), s = Vec(scale[c])](
                           Vec grad, Vec value) { return formula(grad, value, m, g, k, s); };
    map<Arch>(pixels, plane, grad_x + c * pixels, grad_y + c * pixels, x + c * pixels);
  }
}

template <typename Arch>
constexpr BatchNormKernels batch_norm_kernels() {
  return {.add_moments = add_moments<Arch>,
          .normalize = normalize<Arch>,
          .add_grads = add_grads<Arch>,
          .backward = normalize_backward<Arch>};
}

}  // namespace
}  // namespace cnn::simd
