// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cmath>
#include <vector>

#include "common/backend/simd/simd_backend.hpp"
#include "common/backend/simd/unfused.hpp"
#include "common/core/threads.hpp"

// Images are read one after the other, as they lie in memory: channel after channel, as the formulas have it, would jump from
// image to image. Sums are made for groups of images and added in the order of the groups. The second pass goes through the
// images backwards: the cache still holds the last ones. Rows [n, c] are small, and left to the rung below.

namespace cnn {
namespace {

const simd::BatchNormKernels& normalization() { return simd::unfused_kernels().batch_norm; }

bool is_image(const Tensor& x) { return x.rank() == 4 && x.shape()[2] * x.shape()[3] > 1; }

/// Two numbers a channel.
struct ChannelSums {
  std::vector<double> first, second;

  explicit ChannelSums(Index channels) : first(static_cast<std::size_t>(channels)), second(first) {}
};

/// Calls add(sums, image) for every image; the sums of all images.
template <typename Add>
ChannelSums sum_images(Index n, Index channels, const Add& add) {
  constexpr Index most_groups = 32;
  const Index per_group = (n + most_groups - 1) / most_groups;
  std::vector<ChannelSums> groups(static_cast<std::size_t>((n + per_group - 1) / per_group),
                                  ChannelSums(channels));
  parallel_for(n, per_group, [&](Index first, Index last) {
    for (Index image = first; image < last; ++image)
      add(groups[static_cast<std::size_t>(first / per_group)], image);
  });
  ChannelSums total(channels);
  for (const ChannelSums& group : groups)
    for (std::size_t c = 0; c < total.first.size(); ++c) {
      total.first[c] += group.first[c];
      total.second[c] += group.second[c];
    }
  return total;
}

/// Calls work(image, c, count) for parts of all images, from the last one to the first one: channels c ... c + count - 1.
template <typename Work>
void for_each_part(const Tensor& x, const Work& work) {
  constexpr Index values_per_piece = 32768;
  const auto [n, channels, h, w] = x.dims<4>();
  const Index planes = n * channels;
  parallel_for(planes, values_per_piece / (h * w) + 1, [&, c_count = channels](Index first, Index last) {
    for (Index plane = planes - last; plane < planes - first;) {
      const Index image = plane / c_count, c = plane % c_count;
      const Index count = std::min(c_count - c, planes - first - plane);
      work(image, c, count);
      plane += count;
    }
  });
}

}  // namespace

void SimdBackend::batch_norm_statistics(Tensor& mean, Tensor& variance, const Tensor& x) {
  if (!is_image(x)) return below().batch_norm_statistics(mean, variance, x);
  const auto [n, channels, h, w] = x.dims<4>();
  const Index pixels = h * w;
  std::vector<float> origin(static_cast<std::size_t>(channels));  // measured from a value of the channel
  for (Index c = 0; c < channels; ++c) origin[static_cast<std::size_t>(c)] = x.data()[c * pixels];
  const ChannelSums sums = sum_images(n, channels, [&, c = channels](ChannelSums& group, Index image) {
    normalization().add_moments(group.first.data(), group.second.data(), x.data() + image * x.image_stride(),
                                origin.data(), c, pixels);
  });
  const auto m = static_cast<double>(n * pixels);
  for (std::size_t c = 0; c < origin.size(); ++c) {
    const double distance = sums.first[c] / m;
    mean.data()[c] = static_cast<float>(double{origin[c]} + distance);
    variance.data()[c] = static_cast<float>(std::max(sums.second[c] / m - distance * distance, 0.0));
  }
}

void SimdBackend::batch_norm(Tensor& y, const Tensor& x, const Normalization& norm, const Tensor& bias) {
  if (!is_image(x)) return below().batch_norm(y, x, norm, bias);
  const Index channels = x.shape()[1], pixels = x.shape()[2] * x.shape()[3];
  std::vector<float> scale(static_cast<std::size_t>(channels));
  for (std::size_t c = 0; c < scale.size(); ++c)
    scale[c] = static_cast<float>(double{norm.weight.data()[c]} /
                                  std::sqrt(double{norm.variance.data()[c]} + norm.epsilon));
  for_each_part(x, [&](Index image, Index c, Index count) {
    normalization().normalize(y.data() + image * y.image_stride() + c * pixels,
                              x.data() + image * x.image_stride() + c * pixels, norm.mean.data() + c,
                              scale.data() + c, bias.data() + c, count, pixels);
  });
}

void SimdBackend::batch_norm_backward(Tensor& grad_x, Tensor& grad_weight, Tensor& grad_bias,
                                      const Tensor& grad_y, const Tensor& x, const Normalization& norm) {
  if (!is_image(x)) return below().batch_norm_backward(grad_x, grad_weight, grad_bias, grad_y, x, norm);
  const auto [n, channels, h, w] = x.dims<4>();
  const Index pixels = h * w;
  const ChannelSums sums = sum_images(n, channels, [&, c = channels](ChannelSums& group, Index image) {
    normalization().add_grads(group.first.data(), group.second.data(),
                              grad_y.data() + image * grad_y.image_stride(),
                              x.data() + image * x.image_stride(), norm.mean.data(), c, pixels);
  });
  const auto m = static_cast<double>(n * pixels);
  std::vector<float> mean_grad(sums.first.size()), slope(mean_grad), scale(mean_grad);
  for (std::size_t c = 0; c < scale.size(); ++c) {
    const double inverse = 1 / std::sqrt(double{norm.variance.data()[c]} + norm.epsilon);
    grad_bias.data()[c] = static_cast<float>(sums.first[c]);
    grad_weight.data()[c] = static_cast<float>(sums.second[c] * inverse);
    mean_grad[c] = static_cast<float>(sums.first[c] / m);
    slope[c] = static_cast<float>(sums.second[c] * inverse * inverse / m);
    scale[c] = static_cast<float>(double{norm.weight.data()[c]} * inverse);
  }
  for_each_part(x, [&](Index image, Index c, Index count) {
    const Index channel = c * pixels;
    normalization().backward(grad_x.data() + image * grad_x.image_stride() + channel,
                             grad_y.data() + image * grad_y.image_stride() + channel,
                             x.data() + image * x.image_stride() + channel, norm.mean.data() + c,
                             mean_grad.data() + c, slope.data() + c, scale.data() + c, count, pixels);
  });
}

}  // namespace cnn
