// SPDX-License-Identifier: MIT
#include "common/backend/simd/winograd.hpp"

#include "common/backend/simd/epilogue.hpp"
#include "common/backend/simd/kept_weight.hpp"
#include "common/backend/simd/winograd_plan.hpp"
#include "common/core/threads.hpp"

namespace cnn::simd {
namespace {

/// Kernels [oc, ic, r, r] at their points: for each of these a matrix [ic, oc], in panels of `groups` registers of channels oc.
struct KernelPoints {
  Tensor memory;
  Index depth, groups;  ///< ic, and registers for oc
  Index point_stride;

  KernelPoints(const WinogradTile& tile, Index ic, Index oc)
      : depth(ic),
        groups(divide_up(oc, kernels().width)),
        point_stride(depth * groups * kernels().width + Points::slack) {
    memory = Tensor::empty({floats(tile, ic, oc)});
  }
  static Index floats(const WinogradTile& tile, Index ic, Index oc) {
    return block_floats(tile.points * tile.points * (ic * round_up(oc, kernels().width) + Points::slack));
  }
  /// Registers of the panel that holds this group.
  Index panel_groups(Index group) const {
    const Index first = group / ChannelKernels::groups * ChannelKernels::groups;
    return std::min(ChannelKernels::groups, groups - first);
  }
  float* panel(Index point, Index group) {
    return memory.data() + point * point_stride + group * depth * kernels().width;
  }
  const float* panel(Index point, Index group) const {
    return memory.data() + point * point_stride + group * depth * kernels().width;
  }
};

/// A convolution, forward or with respect to the input.
struct Correlation {
  const WinogradTile& tile;
  ConvSizes s;          // of the images read and written: for the gradient, the input is grad_y
  const float* weight;  // [oc, ic, r, r]
  bool flipped;         // weight is [ic, oc, r, r], each kernel flipped along both axes
};

/// Kernels of `width` output channels, from group `group` on.
void transform_kernels(KernelPoints& u, Index group, const Correlation& c) {
  const Index width = kernels().width, taps = c.s.kh * c.s.kw;
  const Index o = group * width, lanes = std::min(width, c.s.oc - o);
  Tensor lanes_last = Tensor::empty({c.s.ic * taps * width});
  float* const g = lanes_last.data();
  const auto to_lanes = kernels().channels.to_lanes;
  if (!c.flipped) {
    to_lanes(g, taps * c.s.ic, taps * c.s.ic, c.weight + o * c.s.ic * taps, c.s.ic * taps, lanes,
             taps * c.s.ic);
  } else {
    for (Index i = 0; i < c.s.ic; ++i)
      to_lanes(g + i * taps * width, taps, taps, c.weight + (i * c.s.oc + o) * taps, taps, lanes, taps);
  }
  const Index in_panel = group % ChannelKernels::groups;
  c.tile.kernel_points(u.panel(0, group - in_panel) + in_panel * width, u.point_stride,
                       u.panel_groups(group) * width, c.flipped ? g + (taps - 1) * width : g,
                       c.flipped ? -width : width, c.s.ic);
}

/// All kernels at their points, on all threads.
KernelPoints transform_all_kernels(const Correlation& c) {
  KernelPoints u(c.tile, c.s.ic, c.s.oc);
  parallel_for(u.groups, 1, [&](Index first, Index last) {
    for (Index group = first; group < last; ++group) transform_kernels(u, group, c);
  });
  return u;
}

/// For each point, V [tiles, ic] times U [ic, channels of some groups]; M holds these groups only.
void multiply_points(Points& m, Points& v, const KernelPoints& u, Range some, Index tiles,
                     const WinogradTile& tile) {
  const Index width = kernels().width;
  constexpr Index depth_limit = 128;  // a panel of U stays in the first cache, and short sums round less
  for (Index point = 0; point < tile.points * tile.points; ++point)
    for (Index k = 0; k < u.depth; k += depth_limit)
      for (Index g = some.first; g < some.last; g += ChannelKernels::groups) {
        const Index groups = u.panel_groups(g);
        kernels().channels.multiply[groups - 1]({.c = m.at(point, g - some.first),
                                                 .c_group = m.tiles * width,
                                                 .a = v.at(point, k / width),
                                                 .a_group = v.tiles * width,
                                                 .b = u.panel(point, g) + k * groups * width,
                                                 .b_row = groups * width,
                                                 .b_group = width,
                                                 .rows = tiles,
                                                 .depth = std::min(depth_limit, u.depth - k),
                                                 .adds = k > 0});
      }
}

/// The outputs of rows of tiles, those of the groups of channels that M holds, from `first_group` on.
void points_to_images(Tensor& y, const Epilogue& epilogue, Points& m, Index first_group, const TileRows& rows,
                      const Correlation& c, const TileGrid& grid) {
  const Index width = kernels().width, side = c.tile.output;
  const Index pitch = grid.columns * side, first = rows.first * side;
  const Index height = std::min(rows.count * side, c.s.oh - first);
  Tensor band = Tensor::empty({rows.count * side * pitch * width});
  const Tensor zeros = Tensor::zeros({width});
  for (Index g = 0; g < m.groups; ++g) {
    c.tile.output_of(band.data(), pitch, m.at(0, g) + rows.tile * width, m.point_stride, rows.count,
                     grid.columns);
    const Index channel = (first_group + g) * width;
    float* const to = y.data() + rows.image * y.image_stride() + (channel * c.s.oh + first) * c.s.ow;
    kernels().channels.from_lanes(
        to, c.s.pixels(), std::min(width, c.s.oc - channel), band.data(), pitch, c.s.ow, height * c.s.ow,
        epilogue.bias == nullptr ? zeros.data() : epilogue.bias + channel, epilogue.least);
  }
}

/// Groups of channels, or panels of them, that make a piece of work where the threads share the channels.
Index groups_per_piece(Index groups) { return divide_up(groups, 8); }

/// Rows of tiles that make a piece of work: many share one pass over U, but V and M should stay in the cache.
Index rows_per_piece(const Correlation& c, const TileGrid& grid) {
  const Index points = c.tile.points * c.tile.points;
  const Index budget = Index{96} * 1024;  // floats
  const Index tiles = std::clamp<Index>(budget / (points * (c.s.ic + c.s.oc)), 96, 192);
  const Index rows = std::max<Index>(tiles / grid.columns, 1);
  return std::clamp<Index>(rows, 1, divide_up(grid.all_rows(), 8));
}

/// Whether a batch has so few tiles that the threads share its channels: then each reads some of the kernels, not all.
bool shares_channels(const TileGrid& grid) {
  constexpr Index few_tiles = 96;
  return grid.all_rows() * grid.columns <= few_tiles;
}

void correlate_by_tiles(Tensor& y, const TiledImages& images, const Epilogue& epilogue, const KernelPoints& u,
                        const Correlation& c, const TileGrid& grid) {
  parallel_for(grid.all_rows(), rows_per_piece(c, grid), [&](Index first, Index last) {
    const Index tiles = (last - first) * grid.columns;
    Points v(c.tile, c.s.ic, tiles), m(c.tile, c.s.oc, tiles);
    TileRows::for_each(first, last, grid, [&](const TileRows& rows) {
      tiles_to_points(v, {0, v.groups}, c.tile.input, rows, images, grid);
    });
    multiply_points(m, v, u, {0, u.groups}, tiles, c.tile);
    TileRows::for_each(first, last, grid,
                       [&](const TileRows& rows) { points_to_images(y, epilogue, m, 0, rows, c, grid); });
  });
}

void correlate_by_channels(Tensor& y, const TiledImages& images, const Epilogue& epilogue,
                           const KernelPoints& u, const Correlation& c, const TileGrid& grid) {
  //! [pieces of channels]
  const Index tiles = grid.all_rows() * grid.columns;
  Points v(c.tile, c.s.ic, tiles);
  parallel_for(v.groups, groups_per_piece(v.groups), [&](Index first, Index last) {
    TileRows::for_each(0, grid.all_rows(), grid, [&](const TileRows& rows) {
      tiles_to_points(v, {first, last}, c.tile.input, rows, images, grid);
    });
  });
  constexpr Index wide = ChannelKernels::groups;  // registers of a panel
  const Index panels = divide_up(u.groups, wide);
  parallel_for(panels, groups_per_piece(panels), [&](Index first, Index last) {
    const Range some{first * wide, std::min(last * wide, u.groups)};
    Points m(c.tile, some.size() * kernels().width, tiles);
    multiply_points(m, v, u, some, tiles, c.tile);
    TileRows::for_each(0, grid.all_rows(), grid, [&](const TileRows& rows) {
      points_to_images(y, epilogue, m, some.first, rows, c, grid);
    });
  });
  //! [pieces of channels]
}

void correlate(Tensor& y, const Tensor& x, const Epilogue& epilogue, const Correlation& c,
               const Prologue* prologue = nullptr, KeptWeight* kept = nullptr) {
  const TileGrid grid = tile_grid(c.tile, c.s);
  const auto u = kept_or_made<KernelPoints>(kept, &c.tile, [&] { return transform_all_kernels(c); });
  const TiledImages images{x.data(), x.image_stride(), c.s.ic,      c.s.ih,        c.s.iw,
                           c.s.ph,   c.s.pw,           c.tile.step, c.tile.window, prologue};
  const auto work = shares_channels(grid) ? correlate_by_channels : correlate_by_tiles;
  work(y, images, epilogue, *u, c, grid);
}

/// Floats on all threads while the threads share the tiles.
Index scratch_by_tiles(const Correlation& c, const TileGrid& grid) {
  const Index rows = rows_per_piece(c, grid), tiles = rows * grid.columns;
  const Index results = tiles * c.tile.output * c.tile.output * kernels().width;
  const Index piece = Points::floats(c.tile, c.s.ic, tiles) + Points::floats(c.tile, c.s.oc, tiles) +
                      std::max(tiles_scratch(c.tile, grid, rows), results);
  return std::min<Index>(thread_count(), divide_up(grid.all_rows(), rows)) * piece;
}

/// Floats on all threads while they share the channels.
Index scratch_by_channels(const Correlation& c, const TileGrid& grid) {
  const Index width = kernels().width, tiles = grid.all_rows() * grid.columns;
  const Index panels = divide_up(divide_up(c.s.oc, width), ChannelKernels::groups);
  const Index some = groups_per_piece(panels) * ChannelKernels::groups * width;
  const Index results = grid.rows * grid.columns * c.tile.output * c.tile.output * width;
  const Index piece =
      std::max(Points::floats(c.tile, std::min(some, round_up(c.s.oc, width)), tiles) + results,
               tiles_scratch(c.tile, grid, grid.rows));
  return Points::floats(c.tile, c.s.ic, tiles) + std::min<Index>(thread_count(), panels) * piece;
}

}  // namespace

Index winograd_scratch(const WinogradTile& tile, const ConvSizes& s) {
  const Correlation c{tile, s, nullptr, false};
  const TileGrid grid = tile_grid(tile, s);
  const Index width = kernels().width;
  const Index kernel_lanes =
      std::min<Index>(thread_count(), divide_up(s.oc, width)) * s.ic * s.kh * s.kw * width;
  const Index work = shares_channels(grid) ? scratch_by_channels(c, grid) : scratch_by_tiles(c, grid);
  return KernelPoints::floats(tile, s.ic, s.oc) + std::max(kernel_lanes, work);
}

void winograd_conv2d(Tensor& y, const Tensor& x, const ConvWeights& w, const ConvSizes& s,
                     const WinogradTile& tile) {
  correlate(y, x, Epilogue(w), {tile, s, w.weight.data(), false}, w.prologue, w.kept);
}

void winograd_backward_input(Tensor& grad_x, const Tensor& grad_y, const Tensor& weight, const ConvSizes& s) {
  const ConvSizes flipped = backward_sizes(s);
  correlate(grad_x, grad_y, {}, {*best_flipped_tile(s), flipped, weight.data(), true});
}

}  // namespace cnn::simd
