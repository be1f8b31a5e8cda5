// SPDX-License-Identifier: MIT
#include <algorithm>
#include <functional>
#include <vector>

#include "common/backend/shards.hpp"
#include "common/backend/simd/conv2d.hpp"
#include "common/backend/simd/simd_backend.hpp"
#include "common/backend/simd/weight_layout.hpp"
#include "common/backend/simd/winograd.hpp"
#include "common/core/threads.hpp"

// With q for the pixels of all outputs, and x(q, c, u, v) for the pixel of the input that tap (u, v) of channel c meets there,
//
//     dW[o, c, u, v] = sum over q of dY[q, o] x(q, c, u, v).
//
// The sum runs over what lies beside each other in memory. So a chunk of dY is transposed first: each register holds one pixel of
// `width` output channels. Of x, a register holds one pixel of `width` input channels, and every tap reads the same copy, some
// pixels further on. Where there are few input channels, as in the first layer, it holds `width` taps of a row instead, which are
// neighbours in the image.

namespace cnn {
namespace {

using simd::divide_up;
using simd::Range;
using simd::WeightBlock;
using simd::WeightLayout;

/// Copies of one chunk in the order in which the products read them.
class Chunks {
 public:
  Chunks(const Tensor& grad_y, const Tensor& x, const WeightLayout& layout, const WeightBlock& block)
      : grad_y_(grad_y),
        x_(x),
        l_(layout),
        block_(block),
        steps_(layout.steps(block.units.size())),
        y_(Tensor::empty({layout.y_floats(block.outputs.size())})),
        copy_(Tensor::zeros({layout.x_floats(block.units.size())})) {}

  /// sums = the products of all chunks of some images, those of the bias behind those of the weights.
  void sum(float* sums, Range images) {
    float* const bias = sums + l_.weight_floats(block_);
    std::fill_n(bias, l_.bias_floats(block_), 0.0F);
    if (images.size() == 0) std::fill(sums, bias, 0.0F);
    bool adds = false;
    for (Index n = images.first; n < images.last; n += l_.chunk.images)
      for (Index i = 0; i < l_.s.oh; i += l_.chunk.rows)
        for (Index j = 0; j < l_.s.ow; j += l_.chunk.columns) {
          const simd::Chunk chunk{std::min(l_.chunk.images, images.last - n),
                                  std::min(l_.chunk.rows, l_.s.oh - i),
                                  std::min(l_.chunk.columns, l_.s.ow - j)};
          turn_outputs(n, i * l_.s.ow + j, chunk, block_.units.first == 0 ? bias : nullptr);
          for (Index k = 0; k < chunk.images; ++k) copy_inputs(k, n + k, i, j, chunk);
          multiply(chunk, sums, adds);
          adds = true;
        }
  }

 private:
  /// dY of a chunk, whose pixels are neighbours in memory: [output registers][images, pixels, width].
  void turn_outputs(Index n, Index pixel, const simd::Chunk& chunk, float* bias) {
    const Index width = simd::kernels().width, pixels = chunk.rows * chunk.columns;
    float* to = y_.data();
    for (Index o = block_.outputs.first; o < block_.outputs.last; ++o) {
      float* const first = to;
      for (Index k = 0; k < chunk.images; ++k, to += pixels * width) {
        const float* const from =
            grad_y_.data() + (n + k) * grad_y_.image_stride() + o * width * l_.s.pixels() + pixel;
        simd::kernels().channels.to_lanes(to, pixels, pixels, from, l_.s.pixels(),
                                          std::min(width, l_.s.oc - o * width), pixels);
      }
      if (bias != nullptr)
        simd::kernels().channels.add_pixels(bias + (o - block_.outputs.first) * width, first,
                                            chunk.images * pixels);
    }
  }

  /// The rows of image n that meet the outputs from row i, column j on, into place k.
  void copy_inputs(Index k, Index n, Index i, Index j, const simd::Chunk& chunk) {
    const Index top = i * l_.s.sh - l_.s.ph;
    const Range rows{std::clamp<Index>(-top, 0, l_.x_rows),
                     std::clamp<Index>(l_.s.ih - top, 0, l_.rows_of(chunk.rows))};
    for (Index unit = 0; unit < block_.units.size(); ++unit) {
      float* const to = copy_.data() + k * l_.x_image(block_.units.size()) + unit * l_.plane;
      const float* const image = x_.data() + n * x_.image_stride() +
                                 (block_.units.first + unit) * l_.channels_per_unit() * l_.s.ih * l_.s.iw +
                                 top * l_.s.iw + j;
      const Index channels =
          std::min(l_.channels_per_unit(), l_.s.ic - (block_.units.first + unit) * l_.channels_per_unit());
      if (l_.lanes_are_channels) {
        l_.copy_channels(to, image, channels, rows,
                         std::min(l_.s.iw, l_.is_pixelwise ? chunk.columns : l_.s.iw));
      } else {
        l_.copy_rows(to, image, rows);
      }
    }
  }

  /// Three registers of x stay in the first cache while all of dY passes.
  void multiply(const simd::Chunk& chunk, float* sums, bool adds) {
    const Index width = simd::kernels().width, pixels = chunk.images * chunk.rows * chunk.columns;
    const Index oc = block_.outputs.size() * width;
    for (const WeightLayout::Step& step : steps_)
      for (Index o = 0; o < block_.outputs.size(); ++o)
        simd::kernels().channels.sum_products[step.registers - 1](
            {.c = sums + (step.to * oc + o * width) * width,
             .c_group = l_.step_to * oc * width,
             .a = y_.data() + o * pixels * width,
             .b = copy_.data() + step.from,
             .b_group = l_.step_from,
             .b_image = l_.x_image(block_.units.size()),
             .b_row = l_.row_step,
             .b_column = l_.column_step,
             .images = chunk.images,
             .rows = chunk.rows,
             .columns = chunk.columns,
             .adds = adds});
  }

  const Tensor& grad_y_;
  const Tensor& x_;
  const WeightLayout& l_;
  const WeightBlock block_;
  const std::vector<WeightLayout::Step> steps_;
  Tensor y_, copy_;
};

void add(float* to, const float* from, Index count) {
  std::transform(to, to + count, from, to, std::plus<>());
}

/// The part of grad_weight, and of grad_bias unless null, that a block is.
void write_sums(Tensor& grad_weight, Tensor* grad_bias, const float* sums, const WeightBlock& block,
                const WeightLayout& l) {
  const Index width = simd::kernels().width, oc = block.outputs.size() * width;
  const Index first = block.outputs.first * width, last = std::min(block.outputs.last * width, l.s.oc);
  const Index registers = block.units.size() * l.per_unit;
  for (Index o = first; o < last; ++o)
    for (Index k = 0; k < registers; ++k)
      l.write(grad_weight.data() + o * l.s.taps(), block.units.first * l.per_unit + k,
              sums + (k * oc + o - first) * width);
  if (grad_bias != nullptr && block.units.first == 0)
    std::copy_n(sums + l.weight_floats(block), last - first, grad_bias->data() + first);
}

/// Few blocks: each shard of each is a task, and there are sums for each.
void sum_at_once(Tensor& grad_weight, Tensor* grad_bias, const Tensor& grad_y, const Tensor& x,
                 const WeightLayout& l, const Shards& shards) {
  Tensor sums = Tensor::empty({l.blocks() * shards.count(), l.block_floats()});
  parallel_for(l.blocks() * shards.count(), 1, [&](Index task, Index) {
    const Index k = task % shards.count();
    Chunks(grad_y, x, l, l.block(task / shards.count()))
        .sum(sums.data() + task * l.block_floats(), {shards.begin(k), shards.begin(k + 1)});
  });
  parallel_for(l.blocks(), 1, [&](Index k, Index) {
    float* const first = sums.data() + k * shards.count() * l.block_floats();
    join_in_pairs(shards.count(), [&](Index to, Index from) {
      add(first + to * l.block_floats(), first + from * l.block_floats(), l.block_floats());
    });
    write_sums(grad_weight, grad_bias, first, l.block(k), l);
  });
}

/// Many blocks: each is a task, and joins its shards while they are in the cache.
void sum_in_turn(Tensor& grad_weight, Tensor* grad_bias, const Tensor& grad_y, const Tensor& x,
                 const WeightLayout& l, const Shards& shards) {
  parallel_for(l.blocks(), 1, [&](Index number, Index) {
    const WeightBlock block = l.block(number);
    Chunks chunks(grad_y, x, l, block);
    Tensor space = Tensor::empty({slots_for(shards.count()) + 1, l.block_floats()});
    float* slots[slots_for(shard_count)];
    for (Index k = 0; k < slots_for(shards.count()); ++k) slots[k] = space.data() + k * l.block_floats();
    float* made = space.data() + slots_for(shards.count()) * l.block_floats();
    for (Index k = 0; k < shards.count(); ++k) {
      chunks.sum(made, {shards.begin(k), shards.begin(k + 1)});
      const Index to = join_waiting(k, [&](Index slot) { add(made, slots[slot], l.block_floats()); });
      std::swap(made, slots[to]);
    }
    write_sums(grad_weight, grad_bias, slots[0], block, l);
  });
}

/// The sum of a plane in double, in four parts that do not wait for each other.
double sum_of(const float* plane, Index pixels) {
  double part[4] = {};
  Index k = 0;
  for (; k + 4 <= pixels; k += 4)
    for (Index lane = 0; lane < 4; ++lane) part[lane] += double{plane[k + lane]};
  for (; k < pixels; ++k) part[0] += double{plane[k]};
  return (part[0] + part[1]) + (part[2] + part[3]);
}

/// Each channel's sum over images and pixels, in double within a shard.
void sum_channels(Tensor& grad_bias, const Tensor& grad_y, const ConvSizes& s, const Shards& shards) {
  parallel_for(s.oc, 1, [&](Index o, Index) {
    float sums[shard_count];
    for (Index k = 0; k < shards.count(); ++k) {
      double sum = 0;
      for (Index n = shards.begin(k); n < shards.begin(k + 1); ++n)
        sum += sum_of(grad_y.data() + n * grad_y.image_stride() + o * s.pixels(), s.pixels());
      sums[k] = static_cast<float>(sum);
    }
    join_in_pairs(shards.count(), [&](Index to, Index from) { sums[to] += sums[from]; });
    grad_bias.data()[o] = sums[0];
  });
}

}  // namespace

void SimdBackend::conv2d_backward_weight(Tensor& grad_weight, Tensor* grad_bias, const Tensor& grad_y,
                                         const Tensor& x, const ConvGeometry& g, const Shards& shards) {
  const ConvSizes s = conv_sizes(x.shape(), grad_weight.shape(), g);
  if (simd::winograd_backward_weight_pays(s)) {
    simd::winograd_backward_weight(grad_weight, grad_y, x, s, shards);
    if (grad_bias != nullptr) sum_channels(*grad_bias, grad_y, s, shards);
    return;
  }
  const WeightLayout l(s, shards.most_images());
  (l.at_once() ? sum_at_once : sum_in_turn)(grad_weight, grad_bias, grad_y, x, l, shards);
}

namespace simd {
Index weight_scratch(const ConvSizes& s) {
  if (winograd_backward_weight_pays(s)) return winograd_weight_scratch(s);
  const WeightLayout l(s, Shards::all(s.n).most_images());
  const Index tasks = std::min<Index>(thread_count(), l.at_once() ? l.blocks() * shard_count : l.blocks());
  const Index sums = l.at_once() ? l.blocks() * shard_count : tasks * (slots_for(shard_count) + 1);
  return sums * l.block_floats() + tasks * (l.y_floats(l.outputs_in_turn) + l.x_floats(l.units_in_turn));
}
}  // namespace simd

}  // namespace cnn
