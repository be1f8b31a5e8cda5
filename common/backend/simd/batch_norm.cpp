// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cmath>
#include <vector>

#include "common/backend/batch_norm_sums.hpp"
#include "common/backend/simd/kernels.hpp"
#include "common/backend/simd/simd_backend.hpp"
#include "common/backend/simd/unfused.hpp"
#include "common/core/threads.hpp"

// Images are read one after the other, as they lie in memory: channel after channel, as the formulas have it, would jump from
// image to image. Sums are made for each shard of the batch and joined in pairs. The second pass goes through the images
// backwards: the cache still holds the last ones.
//
// Planes of fewer pixels than a register has would leave it half empty. An image with such planes is computed as one row of
// c h w columns of one pixel: what belongs to a channel is repeated for each of its columns, and the sums of its columns are added.

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

/// Two numbers for each column.
struct ColumnSums {
  std::vector<double> first, second;

  explicit ColumnSums(Index count) : first(static_cast<std::size_t>(count)), second(first) {}
};

/// Calls add(sums of columns, image) for every image, a shard of the batch, or a quarter of it, on one thread.
/// \return the sums of the channels of each shard
template <typename Add>
BatchNormSums sum_images(const Layout& l, const BatchPart& part, const Add& add) {
  constexpr Index quarters = 4;
  const Shards& shards = part.shards;
  std::vector<ColumnSums> made(static_cast<std::size_t>(shards.count() * quarters), ColumnSums(l.columns));
  parallel_for(shards.count() * quarters, 1, [&](Index task, Index) {
    const Index from = shards.begin(task / quarters), count = shards.begin(task / quarters + 1) - from;
    const Index quarter = task % quarters;
    for (Index k = from + count * quarter / quarters; k < from + count * (quarter + 1) / quarters; ++k)
      add(made[static_cast<std::size_t>(task)], k);
  });
  BatchNormSums sums(l.channels, part);
  const Index columns = l.columns_per_channel();
  for (Index task = 0; task < shards.count() * quarters; ++task) {
    const ColumnSums& of_task = made[static_cast<std::size_t>(task)];
    for (Index column = 0; column < l.columns; ++column) {
      sums.first(task / quarters)[column / columns] += of_task.first[static_cast<std::size_t>(column)];
      sums.second(task / quarters)[column / columns] += of_task.second[static_cast<std::size_t>(column)];
    }
  }
  return sums;
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

void SimdBackend::batch_norm_training(Tensor& y, const BatchStatistics& statistics, const Tensor& x,
                                      const Normalization& norm, const BatchPart& part) {
  const Layout l(x);
  BatchNormSums sums = sum_images(l, part, [&](ColumnSums& columns, Index image) {
    normalization().add_moments(columns.first.data(), columns.second.data(),
                                x.data() + image * x.image_stride(), l.columns, l.pixels);
  });
  sums.finish(statistics, l.pixels * l.columns_per_channel());
  batch_norm(y, x, norm);
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
                                      const BatchPart& part, Write) {
  const Layout l(x);
  const Line line(l, norm);
  BatchNormSums sums = sum_images(l, part, [&](ColumnSums& columns, Index image) {
    normalization().add_grads[norm.epilogue.relu](
        columns.first.data(), columns.second.data(), grad_y.data() + image * grad_y.image_stride(),
        x.data() + image * x.image_stride(), line.from(0), l.columns, l.pixels);
  });
  sums.finish(grad_weight, grad_bias, norm);
  const auto m = static_cast<double>(part.shards.images * l.columns_per_channel() * l.pixels);
  const Values mean_grad = for_columns(l, [&](Index c) { return sums.first()[c] / m; });
  const Values slope = for_columns(l, [&](Index c) {
    const double inverse = inverse_deviation(norm, c);
    return sums.second()[c] * inverse * inverse / m;
  });
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
