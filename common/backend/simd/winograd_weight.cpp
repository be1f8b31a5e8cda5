// SPDX-License-Identifier: MIT
#include "common/backend/simd/winograd.hpp"

#include <functional>
#include <vector>

#include "common/backend/simd/winograd_plan.hpp"
#include "common/core/threads.hpp"

// From Y = A^T [(G g G^T) * (B^T d B)] A for every tile follows, by the chain rule,
//
//     dg = G^T [ sum over tiles of (A dY A^T) * (B^T d B) ] G,
//
// at each point a product of matrices [oc, tiles] x [tiles, ic].

namespace cnn::simd {
namespace {

/// The sum in the brackets over some tiles, for each point a matrix [oc, ic], and what it is made from.
struct WeightGradient {
  const WinogradTile& tile;
  ConvSizes s;
  TileGrid grid;
  TiledImages x, grad_y;
};

/// Rows of tiles that a thread transforms at a time.
Index rows_in_turn(const TileGrid& grid) { return std::max<Index>(1, 24 / grid.columns); }

/// Points of the tiles in rows first ... last - 1, in pieces of rows that any thread may take.
void transform_tiles(Points& v, Points& d, Index first, Index last, const WeightGradient& w) {
  parallel_for(last - first, rows_in_turn(w.grid), [&](Index from, Index to) {
    TileRows::for_each(first + from, first + to, w.grid, [&](TileRows rows) {
      rows.tile += from * w.grid.columns;
      tiles_to_points(v, w.tile.input, rows, w.x, w.grid);
      tiles_to_points(d, w.tile.gradient, rows, w.grad_y, w.grid);
    });
  });
}

/// For each point, sum (+)= D^T [oc, tiles] times V [tiles, ic].
void multiply_points(Points& sum, Points& d, Points& v, Index tiles, bool adds, const WinogradTile& tile) {
  const Index width = kernels().width;
  parallel_for(tile.points * tile.points, 1, [&](Index first, Index last) {
    for (Index point = first; point < last; ++point)
      for (Index g = 0; g < v.groups; g += ChannelKernels::groups)
        for (Index o = 0; o < d.groups; ++o)
          kernels().channels.sum_products[std::min(ChannelKernels::groups, v.groups - g) - 1](
              {.c = sum.at(point, g) + o * width * width,
               .c_group = sum.tiles * width,
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
  });
}

/// The sum over the tiles in rows first ... last - 1, `rows` of them at a time.
void sum_tiles(Points& sum, Index first, Index last, Index rows, const WeightGradient& w) {
  for (Index from = first; from < last; from += rows) {
    const Index to = std::min(from + rows, last), tiles = (to - from) * w.grid.columns;
    Points v(w.tile, w.s.ic, tiles), d(w.tile, w.s.oc, tiles);
    transform_tiles(v, d, from, to, w);
    multiply_points(sum, d, v, tiles, from > first, w.tile);
  }
}

/// dg = G^T sum G.
void write_gradient(Tensor& grad_weight, Points& sum, const WeightGradient& w) {
  const Index width = kernels().width, taps = w.s.kh * w.s.kw;
  parallel_for(sum.groups, 1, [&](Index first, Index last) {
    Tensor g = Tensor::empty({w.s.oc * taps * width});
    for (Index group = first; group < last; ++group) {
      w.tile.kernel_gradient(g.data(), sum.at(0, group), sum.point_stride, w.s.oc);
      for (Index o = 0; o < w.s.oc; ++o)
        for (Index lane = 0; lane < std::min(width, w.s.ic - group * width); ++lane)
          for (Index tap = 0; tap < taps; ++tap)
            grad_weight.data()[(o * w.s.ic + group * width + lane) * taps + tap] =
                g.data()[(o * taps + tap) * width + lane];
    }
  });
}

/// How the tiles are shared out. Where the sums are small, each of a few parts of the batch has its own, and all it needs stays
/// in the cache of one core. Where they are large there is one, and the threads share the work for a block of tiles.
struct Parts {
  Index count;      ///< sums
  Index part_rows;  ///< rows of tiles that go into one of them
  Index rows;       ///< rows of tiles at a time

  Parts(const WinogradTile& tile, const ConvSizes& s, const TileGrid& grid) {
    const Index points = tile.points * tile.points;
    const bool small = points * s.ic * s.oc <= Index{64} * 1024;
    part_rows = divide_up(grid.all_rows(), small ? 8 : 1);
    count = divide_up(grid.all_rows(), part_rows);
    const Index budget = small ? Index{96} * 1024 : Index{6} * 1024 * 1024;  // floats
    const Index tiles = std::clamp<Index>(budget / (points * (s.ic + s.oc)), 48, small ? 192 : 512);
    rows = std::max<Index>(tiles / grid.columns, 1);
  }
};

}  // namespace

Index winograd_weight_scratch(const ConvSizes& s) {
  const WinogradTile& tile = *best_tile(s);
  const TileGrid grid = tile_grid(tile, s);
  const Parts parts(tile, s, grid);
  const Index width = kernels().width, rows = std::min(parts.rows, parts.part_rows),
              tiles = rows * grid.columns;
  const Index block = Points::floats(tile, s.ic, tiles) + Points::floats(tile, s.oc, tiles);
  const Index sums = parts.count * Points::floats(tile, s.ic, s.oc);
  const Index gradient_lanes =
      std::min<Index>(thread_count(), divide_up(s.ic, width)) * s.oc * s.kh * s.kw * width;
  const Index bands = thread_count() * tiles_scratch(tile, grid, std::min(rows, rows_in_turn(grid)));
  return sums + std::max(gradient_lanes, std::min<Index>(thread_count(), parts.count) * block + bands);
}

void winograd_backward_weight(Tensor& grad_weight, const Tensor& grad_y, const Tensor& x,
                              const ConvSizes& s) {
  const WinogradTile& tile = *best_tile(s);
  const WeightGradient w{
      .tile = tile,
      .s = s,
      .grid = tile_grid(tile, s),
      .x = {x.data(), x.image_stride(), s.ic, s.ih, s.iw, s.ph, s.pw, tile.step, tile.window},
      .grad_y = {grad_y.data(), grad_y.image_stride(), s.oc, s.oh, s.ow, 0, 0, tile.output, tile.output}};
  const Parts parts(w.tile, s, w.grid);
  std::vector<Points> sums;
  for (Index k = 0; k < parts.count; ++k) sums.emplace_back(tile, s.ic, s.oc);
  parallel_for(parts.count, 1, [&](Index first, Index last) {
    for (Index k = first; k < last; ++k)
      sum_tiles(sums[static_cast<std::size_t>(k)], k * parts.part_rows,
                std::min((k + 1) * parts.part_rows, w.grid.all_rows()), parts.rows, w);
  });
  Points& sum = sums.front();
  for (std::size_t k = 1; k < sums.size(); ++k)
    std::transform(sum.memory.data(), sum.memory.data() + sum.memory.size(), sums[k].memory.data(),
                   sum.memory.data(), std::plus<>());
  write_gradient(grad_weight, sum, w);
}

}  // namespace cnn::simd
