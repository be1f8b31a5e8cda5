// SPDX-License-Identifier: MIT
#include "bench/step.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "common/backend/backend.hpp"
#include "common/backend/simd/conv2d.hpp"
#include "common/backend/simd/gemm.hpp"
#include "common/backend/simd/winograd.hpp"
#include "common/backend/simd/winograd_plan.hpp"
#include "common/core/threads.hpp"

namespace cnn::bench {

std::string tile_name(const simd::WinogradTile& tile) {
  const Index stride = tile.step / tile.output;
  return fmt::format("Winograd F({0}x{0}, {1}x{1}){2}", tile.output, tile.kernel,
                     stride == 1 ? "" : fmt::format(" /{}", stride));
}

std::vector<const simd::WinogradTile*> tiles_for(Index side, Index stride) {
  const simd::Kernels& k = simd::kernels();
  std::vector<const simd::WinogradTile*> tiles;
  for (const simd::WinogradTile* tile :
       {&k.winograd_2x3, &k.winograd_4x3, &k.winograd_6x3, &k.strided_3x3, &k.winograd_4x5})
    if (tile->kernel == side && tile->step == stride * tile->output) tiles.push_back(tile);
  return tiles;
}

namespace {

/// \return the instruction sets up to the one in use
std::vector<std::string> levels_in_turn() {
  std::vector<std::string> levels = simd_level_names();
  while (levels.back() != simd_level()) levels.pop_back();
  return levels;
}

}  // namespace

std::vector<Step> conv_steps(const ConvTensors& t, const ConvShape& shape) {
  const ConvSizes s = conv_sizes(shape.x, shape.weight, shape.geometry);
  const std::string best = simd_level();
  const auto on_rung = [&t, g = shape.geometry](const std::string& rung) {
    return [&t, g, rung](Tensor& y) {
      const BackendScope scope(rung);
      backend_for(default_device()).conv2d(y, t.x, {t.weight, &t.bias}, g);
    };
  };
  std::vector<Step> steps;
  const auto add = [&](Step step) {
    if (step.before.empty()) step.before = steps.back().name;
    steps.push_back(std::move(step));
  };
  const std::string conv2d = "common/backend/simd/conv2d.cpp";
  steps.push_back({"loops", "common/backend/reference/conv2d.hpp", 1, best, on_rung("reference"), ""});
  add({"im2col and BLAS", "common/backend/xtensor/conv2d.cpp", 1, best, on_rung("xtensor"), "loops"});
  for (const std::string& level : levels_in_turn())
    add({"packed_conv2d, " + level, conv2d, 1, level,
         [&t, s](Tensor& y) {
           simd::packed_conv2d(y, t.x, {t.weight, &t.bias}, s);
         },
         level == "portable" ? "loops" : ""});
  std::string chosen = steps.back().name;
  if (simd::direct_pays(s)) {
    add({"direct_conv2d, " + best, "common/backend/simd/conv2d_direct.cpp", 1, best,
         [&t, s](Tensor& y) {
           simd::direct_conv2d(y, t.x, {t.weight, &t.bias}, s);
         },
         ""});
    chosen = steps.back().name;
  }
  for (const simd::WinogradTile* tile : tiles_for(s.kh, s.sh)) {
    add({tile_name(*tile), "common/backend/simd/winograd.cpp", 1, best,
         [&t, s, tile](Tensor& y) {
           simd::winograd_conv2d(y, t.x, {t.weight, &t.bias}, s, *tile);
         },
         ""});
    if (simd::winograd_pays(s) && simd::best_tile(s) == tile) chosen = tile_name(*tile);
  }
  if (thread_count() > 1)
    add({fmt::format("{}, {} threads", chosen, thread_count()), conv2d, thread_count(), best, on_rung("simd"),
         chosen});
  return steps;
}

Product::Product(const ConvSizes& s)
    : rows(s.oc),
      columns(s.n * s.pixels()),
      depth(s.taps()),
      a(random_tensor({rows, depth}, 1)),
      b(Tensor::empty({depth, columns})),
      b_transposed(random_tensor({columns, depth}, 2)) {
  for (Index k = 0; k < depth; ++k)
    for (Index j = 0; j < columns; ++j) b.data()[k * columns + j] = b_transposed.data()[j * depth + k];
}

std::vector<double> Product::exact() const {
  std::vector<double> c;
  for (Index i = 0; i < rows; ++i)
    for (Index j = 0; j < columns; ++j) {
      double sum = 0;
      for (Index k = 0; k < depth; ++k)
        sum += double{a.data()[i * depth + k]} * double{b_transposed.data()[j * depth + k]};
      c.push_back(sum);
    }
  return c;
}

std::vector<Step> product_steps(const Product& p) {
  const std::string best = simd_level();
  const auto loops = [&p](Tensor& c) {
    const BackendScope scope("reference");
    backend_for(default_device()).linear(c, p.a, {p.b_transposed});
  };
  const auto in_registers = [&p](Tensor& c) {
    std::fill_n(c.data(), c.size(), 0.0F);
    simd::add_row_products(c.data(), p.columns, {p.a.data(), p.rows, p.depth},
                           {p.b_transposed.data(), p.columns, p.depth}, p.depth);
  };
  const auto packed = [&p](Index depth_block) {
    return [&p, depth_block](Tensor& c) {
      simd::multiply({p.a.data(), p.rows, p.depth, simd::multiples(p.depth, 1)}, p.columns, depth_block,
                     simd::pack_matrix(p.b.data(), p.columns), simd::store_matrix(c.data(), p.columns));
    };
  };
  const std::string gemm = "common/backend/simd/gemm.cpp";
  std::vector<Step> steps{{"loops", "common/backend/reference/linear.hpp", 1, best, loops, ""},
                          {"sums in registers", gemm, 1, best, in_registers, "loops"},
                          {"packed panels", gemm, 1, best, packed(p.depth), "sums in registers"}};
  for (const Index block : {1024, 256, 64, 16})
    if (block < p.depth)
      steps.push_back(
          {fmt::format("blocks of {} terms", block), gemm, 1, best, packed(block), "packed panels"});
  return steps;
}

}  // namespace cnn::bench
