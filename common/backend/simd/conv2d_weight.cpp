// SPDX-License-Identifier: MIT
#include <algorithm>
#include <vector>

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
using simd::WeightLayout;

/// Sums for a part of the images: registers of weights [units x per_unit], each with [oc] rows, then the bias [oc].
struct PartSums {
  float* weight;
  float* bias;  // null if none is wanted
};

/// The task of one thread: some output channels (in registers), some units of the input, and some images.
struct Task {
  Range outputs, units, images;
};

/// Copies of one chunk in the order in which the products read them.
class Chunks {
 public:
  Chunks(const Tensor& grad_y, const Tensor& x, const WeightLayout& layout, const Task& task)
      : grad_y_(grad_y),
        x_(x),
        l_(layout),
        task_(task),
        steps_(layout.steps(task.units.size())),
        y_(Tensor::empty({layout.y_floats(task.outputs.size())})),
        copy_(Tensor::zeros({layout.x_floats(task.units.size())})) {}

  /// sums += the products of all chunks of the task's images.
  void add_to(const PartSums& sums) {
    for (Index n = task_.images.first; n < task_.images.last; n += l_.chunk.images)
      for (Index i = 0; i < l_.s.oh; i += l_.chunk.rows)
        for (Index j = 0; j < l_.s.ow; j += l_.chunk.columns) {
          const simd::Chunk chunk{std::min(l_.chunk.images, task_.images.last - n),
                                  std::min(l_.chunk.rows, l_.s.oh - i),
                                  std::min(l_.chunk.columns, l_.s.ow - j)};
          turn_outputs(n, i * l_.s.ow + j, chunk, sums.bias);
          for (Index k = 0; k < chunk.images; ++k) copy_inputs(k, n + k, i, j, chunk);
          multiply(chunk, sums.weight);
        }
  }

 private:
  /// dY of a chunk, whose pixels are neighbours in memory: [output registers][images, pixels, width].
  void turn_outputs(Index n, Index pixel, const simd::Chunk& chunk, float* bias) {
    const Index width = simd::kernels().width, pixels = chunk.rows * chunk.columns;
    float* to = y_.data();
    for (Index o = task_.outputs.first; o < task_.outputs.last; ++o) {
      float* const first = to;
      for (Index k = 0; k < chunk.images; ++k, to += pixels * width) {
        const float* const from =
            grad_y_.data() + (n + k) * grad_y_.image_stride() + o * width * l_.s.pixels() + pixel;
        simd::kernels().channels.to_lanes(to, pixels, pixels, from, l_.s.pixels(),
                                          std::min(width, l_.s.oc - o * width), pixels);
      }
      if (bias != nullptr)
        simd::kernels().channels.add_pixels(bias + o * width, first, chunk.images * pixels);
    }
  }

  /// The rows of image n that meet the outputs from row i, column j on, into place k.
  void copy_inputs(Index k, Index n, Index i, Index j, const simd::Chunk& chunk) {
    const Index top = i * l_.s.sh - l_.s.ph;
    const Range rows{std::clamp<Index>(-top, 0, l_.x_rows),
                     std::clamp<Index>(l_.s.ih - top, 0, l_.rows_of(chunk.rows))};
    for (Index unit = 0; unit < task_.units.size(); ++unit) {
      float* const to = copy_.data() + k * l_.x_image(task_.units.size()) + unit * l_.plane;
      const float* const image = x_.data() + n * x_.image_stride() +
                                 (task_.units.first + unit) * l_.channels_per_unit() * l_.s.ih * l_.s.iw +
                                 top * l_.s.iw + j;
      const Index channels =
          std::min(l_.channels_per_unit(), l_.s.ic - (task_.units.first + unit) * l_.channels_per_unit());
      if (l_.lanes_are_channels) {
        l_.copy_channels(to, image, channels, rows,
                         std::min(l_.s.iw, l_.is_pixelwise ? chunk.columns : l_.s.iw));
      } else {
        l_.copy_rows(to, image, rows);
      }
    }
  }

  /// Three registers of x stay in the first cache while all of dY passes.
  void multiply(const simd::Chunk& chunk, float* sums) {
    const Index width = simd::kernels().width, pixels = chunk.images * chunk.rows * chunk.columns;
    const Index oc = l_.output_groups * width;
    for (const WeightLayout::Step& step : steps_)
      for (Index o = 0; o < task_.outputs.size(); ++o)
        simd::kernels().channels.sum_products[step.registers - 1](
            {.c = sums +
                  ((task_.units.first * l_.per_unit + step.to) * oc + (task_.outputs.first + o) * width) *
                      width,
             .c_group = l_.step_to * oc * width,
             .a = y_.data() + o * pixels * width,
             .b = copy_.data() + step.from,
             .b_group = l_.step_from,
             .b_image = l_.x_image(task_.units.size()),
             .b_row = l_.row_step,
             .b_column = l_.column_step,
             .images = chunk.images,
             .rows = chunk.rows,
             .columns = chunk.columns,
             .adds = true});
  }

  const Tensor& grad_y_;
  const Tensor& x_;
  const WeightLayout& l_;
  const Task task_;
  const std::vector<WeightLayout::Step> steps_;
  Tensor y_, copy_;
};

/// grad_weight and grad_bias = the sums of all parts, added in order.
void add_parts(Tensor& grad_weight, Tensor* grad_bias, const Tensor& sums, const WeightLayout& l) {
  const Index width = simd::kernels().width, oc = l.output_groups * width;
  const auto [parts, size] = sums.dims<2>();
  parallel_for(l.s.oc, divide_up(4096, l.s.taps()), [&, parts = parts, size = size](Index first, Index last) {
    std::vector<float> total(static_cast<std::size_t>(width));
    for (Index o = first; o < last; ++o) {
      for (Index r = 0; r < l.registers(); ++r) {
        const float* from = sums.data() + (r * oc + o) * width;
        std::copy_n(from, width, total.data());
        for (Index part = 1; part < parts; ++part) {
          from += size;
          for (Index lane = 0; lane < width; ++lane) total[static_cast<std::size_t>(lane)] += from[lane];
        }
        l.write(grad_weight.data() + o * l.s.taps(), r, total.data());
      }
      if (grad_bias == nullptr) continue;
      float bias = 0;
      for (Index part = 0; part < parts; ++part)
        bias += sums.data()[part * size + l.registers() * oc * width + o];
      grad_bias->data()[o] = bias;
    }
  });
}

/// Each channel's sum over images and pixels, in double, in four parts that do not wait for each other.
void sum_channels(Tensor& grad_bias, const Tensor& grad_y, const ConvSizes& s) {
  parallel_for(s.oc, 1, [&](Index o, Index) {
    double part[4] = {};
    for (Index n = 0; n < s.n; ++n) {
      const float* const plane = grad_y.data() + n * grad_y.image_stride() + o * s.pixels();
      Index k = 0;
      for (; k + 4 <= s.pixels(); k += 4)
        for (Index lane = 0; lane < 4; ++lane) part[lane] += double{plane[k + lane]};
      for (; k < s.pixels(); ++k) part[0] += double{plane[k]};
    }
    grad_bias.data()[o] = static_cast<float>((part[0] + part[1]) + (part[2] + part[3]));
  });
}

}  // namespace

void SimdBackend::conv2d_backward_weight(Tensor& grad_weight, Tensor* grad_bias, const Tensor& grad_y,
                                         const Tensor& x, const ConvGeometry& g) {
  const ConvSizes s = conv_sizes(x.shape(), grad_weight.shape(), g);
  if (simd::winograd_backward_weight_pays(s)) {
    simd::winograd_backward_weight(grad_weight, grad_y, x, s);
    if (grad_bias != nullptr) sum_channels(*grad_bias, grad_y, s);
    return;
  }
  const WeightLayout l(s);
  Tensor sums = Tensor::zeros({l.parts, l.sum_floats()});
  const Index blocks = l.output_blocks() * l.unit_blocks();
  parallel_for(l.parts * blocks, 1, [&](Index k, Index) {
    const Index o = k % l.output_blocks() * l.outputs_in_turn;
    const Index u = k / l.output_blocks() % l.unit_blocks() * l.units_in_turn;
    const Index part = k / blocks, n = part * l.part_images;
    const Task task{{o, std::min(o + l.outputs_in_turn, l.output_groups)},
                    {u, std::min(u + l.units_in_turn, l.units)},
                    {n, std::min(n + l.part_images, s.n)}};
    float* const sum = sums.data() + part * l.sum_floats();
    Chunks(grad_y, x, l, task).add_to({sum, u == 0 ? sum + l.weight_floats() : nullptr});
  });
  add_parts(grad_weight, grad_bias, sums, l);
}

namespace simd {
Index weight_scratch(const ConvSizes& s) {
  if (winograd_backward_weight_pays(s)) return winograd_weight_scratch(s);
  const WeightLayout l(s);
  const Index tasks = std::min<Index>(thread_count(), l.parts * l.output_blocks() * l.unit_blocks());
  return l.parts * l.sum_floats() + tasks * (l.y_floats(l.outputs_in_turn) + l.x_floats(l.units_in_turn));
}
}  // namespace simd

}  // namespace cnn
