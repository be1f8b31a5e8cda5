// SPDX-License-Identifier: MIT
#include "common/backend/simd/winograd_plan.hpp"

#include "common/backend/simd/winograd.hpp"

namespace cnn::simd {

Points::Points(const WinogradTile& tile, Index channels, Index count)
    : tiles(divide_up(count, kernels().width) * kernels().width),
      groups(divide_up(channels, kernels().width)),
      // Strides that are multiples of 4 KiB would make all points of a tile fall into the same few lines of the cache.
      point_stride(groups * tiles * kernels().width + slack) {
  memory = Tensor::empty({floats(tile, channels, count)});
}

Index Points::floats(const WinogradTile& tile, Index channels, Index count) {
  const Index point = round_up(channels, kernels().width) * round_up(count, kernels().width) + slack;
  return block_floats(tile.points * tile.points * point);
}

TileGrid tile_grid(const WinogradTile& tile, const ConvSizes& s) {
  return {divide_up(s.oh, tile.output), divide_up(s.ow, tile.output), s.n};
}

namespace {

/// Tiles or pixels that an image's share of a call costs, where the kernels work on `step` of them at a time.
double per_image(Index count, Index step, const ConvSizes& s) {
  if (s.images_foreseen == 0) return static_cast<double>(count);
  return static_cast<double>(round_up(s.images_foreseen * count, step)) /
         static_cast<double>(s.images_foreseen);
}

/// An image's share of reading kept numbers from memory, in multiply-adds.
double reading(double numbers, const ConvSizes& s) {
  constexpr double macs = 20;  // a number from memory
  return macs * numbers / static_cast<double>(s.images_foreseen);
}

}  // namespace

//! [cost]
double winograd_cost(const WinogradTile& tile, const ConvSizes& s) {
  constexpr double transform = 10;  // x or y to or from one point, memory included
  constexpr double kernel_transform = 6;
  constexpr double images = 128;  // that share the kernels: the book's batch
  const auto ic = static_cast<double>(round_up(s.ic, kernels().width));
  const auto oc = static_cast<double>(round_up(s.oc, kernels().width));
  const TileGrid grid = tile_grid(tile, s);
  const double tiles = per_image(grid.rows * grid.columns, 4, s);
  const double products = static_cast<double>(s.ic) * oc;
  double for_kernels = kernel_transform * products / images;
  if (s.images_foreseen > 0) for_kernels = reading(products, s);  // they are kept
  return static_cast<double>(tile.points * tile.points) *
         (tiles * (products + transform * (ic + oc)) + for_kernels);
}

double direct_cost(const ConvSizes& s) {
  constexpr double overhead = 1.15;  // packing, and what a tile does not reach
  const double pixels = per_image(s.pixels(), kernels().gemm.columns, s);
  const auto weights = static_cast<double>(s.taps() * s.oc);
  double cost = overhead * pixels * weights;
  if (s.images_foreseen > 0) cost += reading(weights, s);
  return cost;
}

double few_pixels_cost(const ConvSizes& s) {
  constexpr double overhead = 1.1;
  const Index width = kernels().width;
  const Index ic = round_up(s.ic, width), oc = round_up(s.oc, width);
  const auto weights = static_cast<double>(s.kh * s.kw * ic * oc);
  return overhead * per_image(s.pixels(), 4, s) * weights + reading(weights, s);
}

const WinogradTile* best_tile(const ConvSizes& s) {
  const bool padding_fits = s.ph >= 0 && s.pw >= 0 && s.ph < s.kh && s.pw < s.kw;
  const bool any = s.n > 0 && s.sh == s.sw && padding_fits && s.kh == s.kw;
  const WinogradTile* best = nullptr;
  const Kernels& k = kernels();
  for (const auto* tile : {&k.winograd_2x3, &k.winograd_4x3,  // F(m, r)
                           &k.winograd_6x3, &k.winograd_4x5, &k.strided_3x3}) {
    if (!any || s.kh != tile->kernel || s.sh * tile->output != tile->step) continue;
    const double gain = tile->points > 6 ? 0.75 : 1;  // errors grow with the points
    const double cost = winograd_cost(*tile, s);
    if (best == nullptr || cost < gain * winograd_cost(*best, s)) best = tile;
  }
  return best;
}

bool winograd_pays(const ConvSizes& s) {
  const WinogradTile* const tile = best_tile(s);
  return tile != nullptr && winograd_cost(*tile, s) < direct_cost(s);
}

bool few_pixels_pay(const ConvSizes& s) {
  constexpr Index most_pixels = 192;
  if (s.images_foreseen == 0) return false;  // the kernels are not kept
  const Index pixels = s.images_foreseen * s.pixels();
  if (s.n == 0 || pixels > most_pixels) return false;
  const WinogradTile* const tile = best_tile(s);
  const double cost = few_pixels_cost(s);
  if (tile != nullptr && winograd_cost(*tile, s) <= cost) return false;
  return cost < direct_cost(s);
}
//! [cost]

const WinogradTile* best_flipped_tile(const ConvSizes& s) {
  if (s.sh == 1 && s.sw == 1) return best_tile(backward_sizes(s));
  return best_tile(s) != nullptr && s.ph == 1 && s.pw == 1 ? &kernels().flipped_3x3 : nullptr;
}

bool winograd_backward_input_pays(const ConvSizes& s) {
  const WinogradTile* const tile = best_flipped_tile(s);
  const auto met = static_cast<double>(s.sh * s.sw);  // with stride 2, a pixel meets a quarter of the taps
  return tile != nullptr && winograd_cost(*tile, backward_sizes(s)) < direct_cost(backward_sizes(s)) / met;
}

bool winograd_backward_weight_pays(const ConvSizes& s) { return winograd_pays(s); }

ConvSizes backward_sizes(const ConvSizes& s) {
  const bool dense = s.sh == 1 && s.sw == 1;
  const Index ph = dense ? s.kh - 1 - s.ph : 0, pw = dense ? s.kw - 1 - s.pw : 0;
  return {s.n, s.oc, s.ic, s.oh, s.ow, s.ih, s.iw, s.kh, s.kw, s.sh, s.sw, ph, pw};
}

Index tiles_scratch(const WinogradTile& tile, const TileGrid& grid, Index rows) {
  const auto pixels = [&](Index tiles) { return (tiles - 1) * tile.step + tile.window; };
  return block_floats(pixels(std::min(rows, grid.rows)) * pixels(grid.columns) * kernels().width);
}

void scale(const Prologue& prologue, Range channels, float* pixels, Index pitch, Index columns, Index rows) {
  constexpr Index most = 16;  // floats of a register
  alignas(64) float factors[most] = {}, terms[most] = {};
  std::copy_n(prologue.line.scale.data() + channels.first, channels.size(), factors);
  std::copy_n(prologue.line.shift.data() + channels.first, channels.size(), terms);
  const float least = cnn::Epilogue{.relu = prologue.relu}.least();
  for (Index row = 0; row < rows; ++row)
    kernels().channels.scale_pixels(pixels + row * pitch * kernels().width, columns, factors, terms, least);
}

void tiles_to_points(Points& points, Range groups, decltype(WinogradTile::input) transform,
                     const TileRows& rows, const TiledImages& x, const TileGrid& grid) {
  const Index width = kernels().width;
  const Index pitch = (grid.columns - 1) * x.step + x.window, height = (rows.count - 1) * x.step + x.window;
  const Index top = rows.first * x.step - x.padding_h;  // where the tiles begin in the image
  const Index first = std::max<Index>(top, 0), last = std::min(top + height, x.h);
  const Index columns = std::min(x.w, pitch - x.padding_w);
  Tensor band = Tensor::zeros({height * pitch * width});
  for (Index g = groups.first; g < groups.last; ++g) {
    const float* const from = x.data + rows.image * x.image_stride + (g * width * x.h + first) * x.w;
    float* const to = band.data() + ((first - top) * pitch + x.padding_w) * width;
    const Index lanes = std::min(width, x.channels - g * width);
    if (columns == x.w) {
      kernels().channels.to_lanes(to, pitch, columns, from, x.h * x.w, lanes, (last - first) * columns);
    } else {
      for (Index row = 0; row < last - first; ++row)
        kernels().channels.to_lanes(to + row * pitch * width, pitch, columns, from + row * x.w, x.h * x.w,
                                    lanes, columns);
    }
    if (x.prologue != nullptr)
      scale(*x.prologue, {g * width, g * width + lanes}, to, pitch, columns, last - first);
    transform(points.at(0, g) + rows.tile * width, points.point_stride, band.data(), pitch, rows.count,
              grid.columns);
  }
}

}  // namespace cnn::simd
