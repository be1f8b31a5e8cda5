// SPDX-License-Identifier: MIT
#include "common/backend/simd/winograd_plan.hpp"

namespace cnn::simd {

Points::Points(const WinogradTile& tile, Index channels, Index count)
    : tiles(divide_up(count, kernels().width) * kernels().width),
      groups(divide_up(channels, kernels().width)),
      // Strides that are multiples of 4 KiB would make all points of a tile fall into the same few lines of the cache.
      point_stride(groups * tiles * kernels().width + 16) {
  memory = Tensor::empty({tile.points * tile.points * point_stride});
}

TileGrid tile_grid(const WinogradTile& tile, const ConvSizes& s) {
  return {divide_up(s.oh, tile.output), divide_up(s.ow, tile.output), s.n};
}

const WinogradTile* best_tile(const ConvSizes& s) {
  const Kernels& k = kernels();
  const WinogradTile* best = nullptr;
  Index least = 0;
  for (const WinogradTile* tile : {&k.winograd_2x3, &k.winograd_4x3, &k.winograd_4x5}) {
    if (s.kh != tile->kernel || s.kw != tile->kernel || s.sh != 1 || s.sw != 1) continue;
    const TileGrid grid = tile_grid(*tile, s);
    const Index multiplications = grid.rows * grid.columns * tile->points * tile->points;
    if (best == nullptr || multiplications < least) best = tile, least = multiplications;
  }
  return best;
}

void tiles_to_points(Points& points, decltype(WinogradTile::input) transform, const TileRows& rows,
                     const TiledImages& x, const WinogradTile& tile, const TileGrid& grid) {
  const Index width = kernels().width, m = tile.output;
  const Index pitch = (grid.columns - 1) * m + x.window, height = (rows.count - 1) * m + x.window;
  const Index top = rows.first * m - x.padding_h;  // where the tiles begin in the image
  const Index first = std::max<Index>(top, 0), last = std::min(top + height, x.h);
  const Index columns = std::min(x.w, pitch - x.padding_w);
  Tensor band = Tensor::zeros({height * pitch * width});
  for (Index g = 0; g < points.groups; ++g) {
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
    transform(points.at(0, g) + rows.tile * width, points.point_stride, band.data(), pitch, rows.count,
              grid.columns);
  }
}

}  // namespace cnn::simd
