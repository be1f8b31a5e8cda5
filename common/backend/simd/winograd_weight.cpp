// SPDX-License-Identifier: MIT
#include "common/backend/simd/winograd.hpp"

#include <functional>
#include <optional>
#include <vector>

#include "common/backend/simd/winograd_plan.hpp"
#include "common/core/threads.hpp"

// From Y = A^T [(G g G^T) * (B^T d B)] A for every tile follows, by the chain rule,
//
//     dg = G^T [ sum over tiles of (A dY A^T) * (B^T d B) ] G,
//
// at each point a product of matrices [oc, tiles] x [tiles, ic]. The sum in the brackets is made for each shard of the batch and
// brought back by G; what is joined are gradients of the weight, so that a process can own some of the shards.
//
// These gradients are kept as G makes them, [groups of ic, oc, taps, lanes of ic], until all shards are joined.

namespace cnn::simd {
namespace {

/// What the gradient is made from, and how the work is cut.
struct WeightGradient {
  const WinogradTile& tile;
  ConvSizes s;
  Shards shards;
  TileGrid grid;
  TiledImages x, grad_y;

  WeightGradient(const float* y_data, Index y_stride, const float* x_data, Index x_stride,
                 const ConvSizes& sizes, const Shards& parts)
      : tile(*best_tile(sizes)),
        s(sizes),
        shards(parts),
        grid(tile_grid(tile, s)),
        x{x_data, x_stride, s.ic, s.ih, s.iw, s.ph, s.pw, tile.step, tile.window},
        grad_y{y_data, y_stride, s.oc, s.oh, s.ow, 0, 0, tile.output, tile.output} {}

  Index points() const { return tile.points * tile.points; }
  Index input_groups() const { return divide_up(s.ic, kernels().width); }
  Index output_groups() const { return divide_up(s.oc, kernels().width); }
  /// Floats of a gradient of the weights of `count` output channels and a group of input channels.
  Index lane_floats(Index count) const { return count * s.kh * s.kw * kernels().width; }
  /// Floats of the gradient of all weights.
  Index floats() const { return input_groups() * lane_floats(s.oc); }

  /// Whether sums are so small that each shard is the task of one thread.
  bool is_small() const { return points() * s.ic * s.oc <= Index{64} * 1024; }
  /// Rows of tiles that are transformed at a time: what a task reads should stay in a cache.
  Index rows_in_turn() const {
    const Index budget = is_small() ? Index{96} * 1024 : Index{6} * 1024 * 1024;  // floats
    const Index tiles = std::clamp<Index>(budget / (points() * (s.ic + s.oc)), 48, is_small() ? 192 : 512);
    return std::max<Index>(tiles / grid.columns, 1);
  }
  /// Rows of tiles of a shard.
  Range rows_of(Index shard) const {
    return {shards.begin(shard) * grid.rows, shards.begin(shard + 1) * grid.rows};
  }
  /// Rows of tiles of the largest shard.
  Index rows_of_largest() const { return shards.most_images() * grid.rows; }
  /// The tiles of so many rows, or of the largest shard.
  Index tiles_in_turn() const { return std::min(rows_of_largest(), rows_in_turn()) * grid.columns; }
  /// Whether a shard's work is cut into blocks of channels, whose sums for all points are brought back while a core has them in
  /// its cache: for sums that the cache of all cores could not hold. It takes all tiles of the shard at once.
  bool is_in_blocks() const {
    return points() * s.ic * s.oc > Index{3} * 1024 * 1024 && rows_of_largest() <= rows_in_turn();
  }
  /// Groups of output channels of a block.
  Index block_outputs() const {
    constexpr Index budget = Index{96} * 1024;  // floats
    const Index one = points() * ChannelKernels::groups * kernels().width * kernels().width;
    return std::clamp<Index>(budget / one, 1, output_groups());
  }
};

/// The gradients of the weights for some shards, until they are joined.
struct Slots {
  float* data;
  Index floats;  // of each

  float* at(Index slot) const { return data + slot * floats; }
};

/// Rows of tiles that a thread transforms at a time.
Index rows_per_thread(const TileGrid& grid) { return std::max<Index>(1, 24 / grid.columns); }

/// Points of the tiles in some rows, in pieces of rows that any thread may take.
void transform_tiles(Points& v, Points& d, Range rows, const WeightGradient& w) {
  parallel_for(rows.size(), rows_per_thread(w.grid), [&](Index from, Index to) {
    TileRows::for_each(rows.first + from, rows.first + to, w.grid, [&](TileRows piece) {
      piece.tile += from * w.grid.columns;
      tiles_to_points(v, {0, v.groups}, w.tile.input, piece, w.x, w.grid);
      tiles_to_points(d, {0, d.groups}, w.tile.gradient, piece, w.grad_y, w.grid);
    });
  });
}

void add(float* to, const float* from, Index count) {
  std::transform(to, to + count, from, to, std::plus<>());
}

/// Sums over tiles: at each point a matrix [oc, ic] or a part of it, in groups of channels.
struct Sums {
  Points points;
  Index output, input;  // the groups with which it begins

  float* at(Index point, Index o, Index g) {
    return points.at(point, g - input) + (o - output) * kernels().width * kernels().width;
  }
};

/// For each of some points, sums (+)= D^T [oc, tiles] times V [tiles, ic], for some groups of channels.
void multiply_points(Sums& sums, Points& d, Points& v, Range points, Range outputs, Range inputs, Index tiles,
                     bool adds) {
  const ChannelKernels& channels = kernels().channels;
  const Index width = kernels().width;
  for (Index point = points.first; point < points.last; ++point)
    for (Index g = inputs.first; g < inputs.last; g += ChannelKernels::groups)
      for (Index o = outputs.first; o < outputs.last; ++o)
        channels.sum_products[std::min(ChannelKernels::groups, inputs.last - g) - 1](
            {.c = sums.at(point, o, g),
             .c_group = sums.points.tiles * width,
             .a = d.at(point, o),
             .b = v.at(point, g),
             .b_group = v.tiles * width,
             .b_image = 0,
             .b_row = 0,
             .b_column = width,
             .images = 1,
             .rows = 1,
             .columns = tiles,
             .adds = adds});
}

/// dg = G^T sums G of shard k for some groups of channels, joined with the shards that wait for it.
void bring_back(const Slots& slots, Index k, Sums& sums, Range outputs, Range inputs,
                const WeightGradient& w) {
  const Index first = outputs.first * kernels().width;
  const Index count = std::min(outputs.last * kernels().width, w.s.oc) - first;
  const Index floats = w.lane_floats(count);
  Tensor made = Tensor::empty({floats});
  for (Index g = inputs.first; g < inputs.last; ++g) {
    const Index from = g * w.lane_floats(w.s.oc) + w.lane_floats(first);
    w.tile.kernel_gradient(made.data(), sums.at(0, outputs.first, g), sums.points.point_stride, count);
    const Index to = join_waiting(k, [&](Index slot) { add(made.data(), slots.at(slot) + from, floats); });
    std::copy_n(made.data(), floats, slots.at(to) + from);
  }
}

/// Makes the gradients of shards, one after the other, in the same memory.
class ShardGradient {
 public:
  explicit ShardGradient(const WeightGradient& w)
      : w_(w), v_(w.tile, w.s.ic, w.tiles_in_turn()), d_(w.tile, w.s.oc, w.tiles_in_turn()) {
    if (!w.is_in_blocks()) sums_.emplace(Sums{Points(w.tile, w.s.ic, w.s.oc), 0, 0});
  }

  /// Shard number k of those in `slots`, whose rows of tiles are these.
  void make(const Slots& slots, Index k, Range rows) {
    if (w_.is_in_blocks())
      make_in_blocks(slots, k, rows);
    else
      make_in_turn(slots, k, rows);
  }

 private:
  /// All tiles are transformed at once; the sums of a few channels, for all points, are made and brought back while they are in a
  /// cache.
  void make_in_blocks(const Slots& slots, Index k, Range rows) {
    transform_tiles(v_, d_, rows, w_);
    const Index high = w_.block_outputs(), strips = divide_up(d_.groups, high);
    parallel_for(strips * divide_up(v_.groups, ChannelKernels::groups), 1, [&](Index task, Index) {
      const Index o = task % strips * high, g = task / strips * ChannelKernels::groups;
      const Range outputs{o, std::min(o + high, d_.groups)};
      const Range inputs{g, std::min(g + ChannelKernels::groups, v_.groups)};
      Sums sums{Points(w_.tile, inputs.size() * kernels().width, outputs.size() * kernels().width), o, g};
      multiply_points(sums, d_, v_, {0, w_.points()}, outputs, inputs, rows.size() * w_.grid.columns, false);
      bring_back(slots, k, sums, outputs, inputs, w_);
    });
  }

  /// Some rows of tiles after the others, the sums for all points and channels beside them.
  void make_in_turn(const Slots& slots, Index k, Range rows) {
    Index from = rows.first;
    do {
      const Range some{from, std::min(from + w_.rows_in_turn(), rows.last)};
      transform_tiles(v_, d_, some, w_);
      parallel_for(w_.points(), 1, [&](Index first, Index last) {
        multiply_points(*sums_, d_, v_, {first, last}, {0, d_.groups}, {0, v_.groups},
                        some.size() * w_.grid.columns, from > rows.first);
      });
      from = some.last;
    } while (from < rows.last);
    parallel_for(v_.groups, 1, [&](Index first, Index last) {
      bring_back(slots, k, *sums_, {0, d_.groups}, {first, last}, w_);
    });
  }

  const WeightGradient& w_;
  Points v_, d_;  // of the input and of the gradient of the output
  std::optional<Sums> sums_;
};

/// The gradient of all weights in their order.
void write_gradient(Tensor& grad_weight, const float* lanes, const WeightGradient& w) {
  const Index width = kernels().width, taps = w.s.kh * w.s.kw;
  parallel_for(w.input_groups(), 1, [&](Index group, Index) {
    const float* from = lanes + group * w.lane_floats(w.s.oc);
    for (Index o = 0; o < w.s.oc; ++o, from += taps * width)
      for (Index lane = 0; lane < std::min(width, w.s.ic - group * width); ++lane)
        for (Index tap = 0; tap < taps; ++tap)
          grad_weight.data()[(o * w.s.ic + group * width + lane) * taps + tap] = from[tap * width + lane];
  });
}

}  // namespace

Index winograd_weight_scratch(const ConvSizes& s) {
  const WeightGradient w(nullptr, 0, nullptr, 0, s, Shards::all(s.n));
  const Index width = kernels().width, threads = thread_count();
  const Index rows = w.rows_of_largest(), tiles = w.tiles_in_turn();
  const Index block = Points::floats(w.tile, s.ic, tiles) + Points::floats(w.tile, s.oc, tiles);
  const Index bands = threads * tiles_scratch(w.tile, w.grid, std::min(rows, rows_per_thread(w.grid)));
  const Index all = Points::floats(w.tile, s.ic, s.oc);
  if (w.is_small()) {
    const Index tasks = std::min(threads, shard_count);
    const Index made = tasks * block_floats(w.lane_floats(s.oc));
    return block_floats(shard_count * w.floats()) + tasks * (all + block) + std::max(bands, made);
  }
  const Index slots = slots_for(shard_count) * block_floats(w.floats());
  if (!w.is_in_blocks()) {
    const Index made = std::min(threads, w.input_groups()) * block_floats(w.lane_floats(s.oc));
    return slots + all + block + std::max(bands, made);
  }
  const Index outputs = std::min(w.block_outputs() * width, s.oc);
  const Index groups = std::min(ChannelKernels::groups, w.input_groups());
  const Index tasks = std::min(threads, divide_up(w.output_groups(), w.block_outputs()) *
                                            divide_up(w.input_groups(), ChannelKernels::groups));
  const Index sums = Points::floats(w.tile, groups * width, outputs) + block_floats(w.lane_floats(outputs));
  return slots + block + std::max(bands, tasks * sums);
}

void winograd_backward_weight(Tensor& grad_weight, const Tensor& grad_y, const Tensor& x, const ConvSizes& s,
                              const Shards& shards) {
  const WeightGradient w(grad_y.data(), grad_y.image_stride(), x.data(), x.image_stride(), s, shards);
  if (w.is_small()) {
    Tensor made = Tensor::empty({shards.count(), w.floats()});
    parallel_for(shards.count(), 1, [&](Index k, Index) {
      ShardGradient(w).make({made.data() + k * w.floats(), w.floats()}, 0, w.rows_of(k));
    });
    join_in_pairs(shards.count(), [&](Index to, Index from) {
      add(made.data() + to * w.floats(), made.data() + from * w.floats(), w.floats());
    });
    return write_gradient(grad_weight, made.data(), w);
  }
  Tensor made = Tensor::empty({slots_for(shards.count()), w.floats()});
  const Slots slots{made.data(), w.floats()};
  ShardGradient gradient(w);
  for (Index k = 0; k < shards.count(); ++k) gradient.make(slots, k, w.rows_of(k));
  write_gradient(grad_weight, made.data(), w);
}

}  // namespace cnn::simd
