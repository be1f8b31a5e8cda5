// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cmath>
#include <functional>
#include <vector>

#include "common/backend/simd/kernels.hpp"
#include "common/backend/simd/simd_backend.hpp"
#include "common/backend/simd/unfused.hpp"
#include "common/core/threads.hpp"

// Images are read one after the other, as they lie in memory: channel after channel, as the formulas have it, would jump from
// image to image. Sums are made for each shard of the batch and joined in pairs. The second pass goes through the images
// backwards: the cache still holds the last ones.
//
// Planes of fewer pixels than a register has would leave it half empty. An image with such planes is computed as one row of c h w columns
// of one pixel: what belongs to a channel is repeated for each of its columns, and the sums of its columns are added.

namespace cnn {
namespace {

using Values = std::vector<float>;

const simd::BatchNormKernels& normalization() { return simd::unfused_kernels().batch_norm; }

/// A tensor [n, c] or [n, c, h, w] as the kernels see it.
struct Layout {
  Index n, channels;
  Index columns;  ///< of an image: channels, or more if each column is a part of one
  Index pixels;   ///< in a column

  explicit Layout(const Tensor& x) : n(x.shape()[0]), channels(x.shape()[1]) {
    const Index plane = x.rank() == 4 ? x.shape()[2] * x.shape()[3] : 1;
    const bool is_small = plane < simd::kernels().width;
    columns = is_small ? channels * plane : channels;
    pixels = is_small ? 1 : plane;
  }
  Index columns_per_channel() const { return columns / channels; }
  double values_per_channel() const { return static_cast<double>(n * columns_per_channel() * pixels); }
};

/// One number for each column: values(c) of its channel c.
template <typename Function>
Values for_columns(const Layout& l, const Function& values) {
  Values all;
  all.reserve(static_cast<std::size_t>(l.columns));
  for (Index c = 0; c < l.channels; ++c)
    all.insert(all.end(), static_cast<std::size_t>(l.columns_per_channel()), static_cast<float>(values(c)));
  return all;
}

/// Two numbers for each column or channel.
struct Sums {
  std::vector<double> first, second;

  explicit Sums(Index count) : first(static_cast<std::size_t>(count)), second(first) {}
};

/// Calls add(sums of columns, image) for every image, a shard of the batch, or a quarter of it, on one thread.
/// \return the sums of the channels over all images
template <typename Add>
Sums sum_images(const Layout& l, const Shards& shards, const Add& add) {
  constexpr Index quarters = 4;
  std::vector<Sums> made(static_cast<std::size_t>(shards.count() * quarters), Sums(l.columns));
  parallel_for(shards.count() * quarters, 1, [&](Index task, Index) {
    const Index from = shards.begin(task / quarters), count = shards.begin(task / quarters + 1) - from;
    const Index part = task % quarters;
    for (Index image = from + count * part / quarters; image < from + count * (part + 1) / quarters; ++image)
      add(made[static_cast<std::size_t>(task)], image);
  });
  std::vector<Sums> sums(static_cast<std::size_t>(shards.count()), Sums(l.channels));
  const auto columns = static_cast<std::size_t>(l.columns_per_channel());
  for (std::size_t task = 0; task < made.size(); ++task)
    for (std::size_t column = 0; column < made[task].first.size(); ++column) {
      sums[task / quarters].first[column / columns] += made[task].first[column];
      sums[task / quarters].second[column / columns] += made[task].second[column];
    }
  join_in_pairs(shards.count(), [&](Index to, Index from) {
    Sums& sum = sums[static_cast<std::size_t>(to)];
    const Sums& other = sums[static_cast<std::size_t>(from)];
    std::transform(sum.first.begin(), sum.first.end(), other.first.begin(), sum.first.begin(), std::plus<>());
    std::transform(sum.second.begin(), sum.second.end(), other.second.begin(), sum.second.begin(),
                   std::plus<>());
  });
  return sums.front();
}

/// Calls work(image, column, count) for parts of all images, from the last one to the first.
template <typename Work>
void for_each_part(const Layout& l, const Work& work) {
  constexpr Index values_per_piece = 32768;
  const Index all = l.n * l.columns;
  parallel_for(all, values_per_piece / l.pixels + 1, [&](Index first, Index last) {
    for (Index k = all - last; k < all - first;) {
      const Index count = std::min(l.columns - k % l.columns, all - first - k);
      work(k / l.columns, k % l.columns, count);
      k += count;
    }
  });
}

double inverse_deviation(const Normalization& norm, Index c) {
  return 1 / std::sqrt(double{norm.variance.data()[c]} + norm.epsilon);
}

/// y = (x - mean) * scale + shift, one number for each column.
struct Line {
  Values mean, scale, shift;

  Line(const Layout& l, const Normalization& norm)
      : mean(for_columns(l, [&](Index c) { return norm.mean.data()[c]; })),
        scale(for_columns(l,
                          [&](Index c) {
                            return double{norm.weight.data()[c]} /
                                   std::sqrt(double{norm.variance.data()[c]} + norm.epsilon);
                          })),
        shift(for_columns(l, [&](Index c) { return norm.bias.data()[c]; })) {}
  simd::Normalizer from(Index column) const {
    return {mean.data() + column, scale.data() + column, shift.data() + column};
  }
};

}  // namespace

void SimdBackend::batch_norm_statistics(Tensor& mean, Tensor& variance, const Tensor& x,
                                        const Shards& shards) {
  const Layout l(x);
  const Sums sums = sum_images(l, shards, [&](Sums& part, Index image) {
    normalization().add_moments(part.first.data(), part.second.data(), x.data() + image * x.image_stride(),
                                l.columns, l.pixels);
  });
  for (Index c = 0; c < l.channels; ++c) {
    const double average = sums.first[static_cast<std::size_t>(c)] / l.values_per_channel();
    const double square = sums.second[static_cast<std::size_t>(c)] / l.values_per_channel();
    mean.data()[c] = static_cast<float>(average);
    variance.data()[c] = static_cast<float>(std::max(square - average * average, 0.0));
  }
}

void SimdBackend::batch_norm(Tensor& y, const Tensor& x, const Normalization& norm) {
  const Layout l(x);
  const Line line(l, norm);
  for_each_part(l, [&](Index image, Index column, Index count) {
    const Index offset = column * l.pixels;
    normalization().normalize[norm.epilogue.relu](y.data() + image * y.image_stride() + offset,
                                                  x.data() + image * x.image_stride() + offset,
                                                  line.from(column), count, l.pixels);
  });
}

void SimdBackend::batch_norm_backward(Tensor& grad_x, Tensor& grad_weight, Tensor& grad_bias,
                                      const Tensor& grad_y, const Tensor& x, const Normalization& norm,
                                      const Shards& shards) {
  const Layout l(x);
  const Line line(l, norm);
  const Sums sums = sum_images(l, shards, [&](Sums& part, Index image) {
    normalization().add_grads[norm.epilogue.relu](
        part.first.data(), part.second.data(), grad_y.data() + image * grad_y.image_stride(),
        x.data() + image * x.image_stride(), line.from(0), l.columns, l.pixels);
  });
  const auto sum = [&](Index c) { return sums.first[static_cast<std::size_t>(c)]; };
  const auto product = [&](Index c) {
    return sums.second[static_cast<std::size_t>(c)] * inverse_deviation(norm, c);
  };
  for (Index c = 0; c < l.channels; ++c) {
    grad_bias.data()[c] = static_cast<float>(sum(c));
    grad_weight.data()[c] = static_cast<float>(product(c));
  }
  const Values mean_grad = for_columns(l, [&](Index c) { return sum(c) / l.values_per_channel(); });
  const Values slope = for_columns(
      l, [&](Index c) { return product(c) * inverse_deviation(norm, c) / l.values_per_channel(); });
  const Values scale =
      for_columns(l, [&](Index c) { return double{norm.weight.data()[c]} * inverse_deviation(norm, c); });
  for_each_part(l, [&](Index image, Index column, Index count) {
    const Index offset = column * l.pixels;
    normalization().backward[norm.epilogue.relu](
        grad_x.data() + image * grad_x.image_stride() + offset,
        grad_y.data() + image * grad_y.image_stride() + offset, x.data() + image * x.image_stride() + offset,
        line.from(column), {mean_grad.data() + column, slope.data() + column, scale.data() + column}, count,
        l.pixels);
  });
}

}  // namespace cnn
