// SPDX-License-Identifier: MIT
// Convolutions with fewer multiplications, beside the plain loops.
#include "common/backend/simd/winograd.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include "common/backend/simd/conv2d.hpp"
#include "common/backend/simd/winograd_plan.hpp"
#include "common/ops/activation.hpp"
#include "tests/common/backend/simd/winograd_case.hpp"
#include "tests/support/backends.hpp"
#include "tests/support/close.hpp"
#include "tests/support/simd_levels.hpp"

using namespace cnn;
using namespace cnn::test;
namespace data = boost::unit_test::data;

BOOST_AUTO_TEST_SUITE(winograd)

namespace {

// Every remainder of channels by 1, 2, 3 registers, of outputs by tiles of 2 and 4, images below one tile and one register.
const std::vector<WinogradCase> cases{
    // images, channels, kernels, image, side of a kernel, padding, stride, whether sliced
    {1, 1, 1, 3, 3, 0},
    {2, 3, 5, {4, 7}, 3, 1},
    {3, 8, 16, 12, 3, 1},
    {5, 17, 9, {6, 5}, 3, 2},
    {2, 24, 31, {9, 14}, 3, {0, 2}},
    {7, 16, 40, 3, 3, 1},
    {2, 49, 25, {17, 10}, 3, {2, 1}},
    {3, 33, 48, {1, 2}, 3, {1, 2}},
    {2, 264, 20, 5, 3, 1},  // more channels than one panel holds
    {2, 20, 265, 5, 3, 1},
    {40, 2, 3, {30, 31}, 3, 1},  // several pieces of work
    {30, 30, 56, {13, 14}, 3, 1},
    {20, 30, 56, {13, 14}, 3, 1, 2},
    {3, 5, 7, {8, 13}, 3, 1, 1, true},
    {2, 3, 4, 5, 5, 0},
    {2, 9, 17, {13, 6}, 5, 2},
    {3, 16, 24, {3, 12}, 5, {4, 1}},
    {2, 7, 8, 11, 5, {3, 2}, 1, true},
    {1, 1, 1, 1, 3, 1, 2},  // stride 2: every remainder by its tiles of 3 outputs and of 6 pixels
    {2, 3, 5, {2, 3}, 3, 1, 2},
    {3, 8, 16, 12, 3, 1, 2},
    {2, 17, 9, {4, 5}, 3, 1, 2},
    {1, 31, 24, {6, 7}, 3, 1, 2},
    {2, 40, 33, {13, 8}, 3, 1, 2},
    {40, 3, 2, {24, 23}, 3, 1, 2},
    {2, 265, 20, 6, 3, 1, 2},
    {3, 5, 7, {9, 16}, 3, 1, 2, true},
};

/// Rounding errors grow with the length of the sum and the largest terms: the share of the largest result that
/// winograd_rounding.cpp allows the least exact tile.
double largest(const Tensor& x) {
  double most = 0;
  const Tensor dense = x.clone();
  for (const float value : dense.values()) most = std::max(most, std::abs(double{value}));
  return most;
}

Tolerance tolerance(const Tensor& expected) { return {.absolute = 2.3e-5 * largest(expected)}; }

}  // namespace

BOOST_DATA_TEST_CASE(matches_the_reference, simd_levels() * data::make(cases), level, c) {
  const SimdLevelScope scope(level);
  const auto reference = make_reference_backend();
  WinogradTensors fast(c), slow(c);

  simd::winograd_conv2d(fast.y, fast.x, {fast.weight, &fast.bias}, fast.sizes, *simd::best_tile(fast.sizes));
  reference->conv2d(slow.y, slow.x, {slow.weight, &slow.bias}, slow.geometry);
  BOOST_TEST(tensors_close(fast.y, slow.y, tolerance(slow.y)));

  simd::winograd_conv2d(fast.y, fast.x, {fast.weight}, fast.sizes, *simd::best_tile(fast.sizes));
  reference->conv2d(slow.y, slow.x, {slow.weight}, slow.geometry);
  BOOST_TEST(tensors_close(fast.y, slow.y, tolerance(slow.y)));

  simd::winograd_backward_input(fast.grad_x, fast.grad_y, fast.weight, fast.sizes);
  reference->conv2d_backward_input(slow.grad_x, slow.grad_y, slow.weight, slow.geometry, Write::overwrites);
  BOOST_TEST(tensors_close(fast.grad_x, slow.grad_x, tolerance(slow.grad_x)));

  simd::winograd_backward_weight(fast.grad_weight, fast.grad_y, fast.x, fast.sizes,
                                 Shards::all(fast.sizes.n));
  reference->conv2d_backward_weight(slow.grad_weight, nullptr, slow.grad_y, slow.x, slow.geometry,
                                    Shards::all(slow.sizes.n));
  BOOST_TEST(tensors_close(fast.grad_weight, slow.grad_weight, tolerance(slow.grad_weight)));

  BOOST_TEST(tensors_close(fast.x, slow.x));
  BOOST_TEST(tensors_close(fast.grad_y, slow.grad_y));
}

BOOST_DATA_TEST_CASE(every_algorithm_matches_the_reference, simd_levels() * data::make(cases), level, c) {
  const SimdLevelScope scope(level);
  WinogradTensors fast(c), slow(c);
  make_reference_backend()->conv2d(slow.y, slow.x, {slow.weight, &slow.bias}, slow.geometry);
  simd::packed_conv2d(fast.y, fast.x, {fast.weight, &fast.bias}, fast.sizes);
  BOOST_TEST(tensors_close(fast.y, slow.y, tolerance(slow.y)));
  const simd::Kernels& k = simd::kernels();
  for (const simd::WinogradTile* tile :
       {&k.winograd_2x3, &k.winograd_4x3, &k.winograd_6x3, &k.winograd_4x5, &k.strided_3x3}) {
    if (tile->kernel != c.kernel || tile->step != tile->output * c.stride) continue;
    simd::winograd_conv2d(fast.y, fast.x, {fast.weight, &fast.bias}, fast.sizes, *tile);
    BOOST_TEST(tensors_close(fast.y, slow.y, tolerance(slow.y)));
  }
}

// The gradient with respect to the input is not among them: that of stride 2 needs a padding of 1.
BOOST_DATA_TEST_CASE(stride_two_with_any_padding,
                     simd_levels() * data::make({0, 1, 2}) * data::make({0, 1, 2}), level, padding_h,
                     padding_w) {
  const SimdLevelScope scope(level);
  const WinogradCase c{3, 9, 10, {7, 12}, 3, {padding_h, padding_w}, 2};
  WinogradTensors fast(c), slow(c);
  const auto reference = make_reference_backend();
  simd::winograd_conv2d(fast.y, fast.x, {fast.weight}, fast.sizes, *simd::best_tile(fast.sizes));
  reference->conv2d(slow.y, slow.x, {slow.weight}, slow.geometry);
  BOOST_TEST(tensors_close(fast.y, slow.y, tolerance(slow.y)));
  simd::winograd_backward_weight(fast.grad_weight, fast.grad_y, fast.x, fast.sizes,
                                 Shards::all(fast.sizes.n));
  reference->conv2d_backward_weight(slow.grad_weight, nullptr, slow.grad_y, slow.x, slow.geometry,
                                    Shards::all(slow.sizes.n));
  BOOST_TEST(tensors_close(fast.grad_weight, slow.grad_weight, tolerance(slow.grad_weight)));
  BOOST_TEST((simd::best_flipped_tile(fast.sizes) != nullptr) == (padding_h == 1 && padding_w == 1));
}

BOOST_DATA_TEST_CASE(relu_in_the_same_pass, simd_levels() * data::make(cases), level, c) {
  const SimdLevelScope scope(level);
  WinogradTensors one_pass(c), two_passes(c);
  const simd::WinogradTile& tile = *simd::best_tile(one_pass.sizes);
  for (const Tensor* bias :
       {static_cast<const Tensor*>(nullptr), static_cast<const Tensor*>(&one_pass.bias)}) {
    simd::winograd_conv2d(one_pass.y, one_pass.x, {one_pass.weight, bias, {.relu = true}}, one_pass.sizes,
                          tile);
    simd::winograd_conv2d(two_passes.y, one_pass.x, {one_pass.weight, bias}, one_pass.sizes, tile);
    BOOST_TEST(tensors_close(one_pass.y, ops::relu(two_passes.y.clone())));
  }
}

BOOST_DATA_TEST_CASE(has_the_same_bits_with_any_threads, simd_levels() * data::make(cases), level, c) {
  const SimdLevelScope scope(level);
  const auto run = [&](int threads) {
    const ThreadScope thread_scope(threads);
    WinogradTensors t(c);
    simd::winograd_conv2d(t.y, t.x, {t.weight, &t.bias}, t.sizes, *simd::best_tile(t.sizes));
    simd::winograd_backward_input(t.grad_x, t.grad_y, t.weight, t.sizes);
    simd::winograd_backward_weight(t.grad_weight, t.grad_y, t.x, t.sizes, Shards::all(t.sizes.n));
    return t;
  };
  const WinogradTensors one = run(1);
  for (const int threads : {2, 4}) {
    const WinogradTensors more = run(threads);
    BOOST_TEST(tensors_close(more.y, one.y));
    BOOST_TEST(tensors_close(more.grad_x, one.grad_x));
    BOOST_TEST(tensors_close(more.grad_weight, one.grad_weight));
  }
}

BOOST_AUTO_TEST_CASE(is_chosen_where_it_saves_time) {
  const auto sizes = [](Index n, Index ic, Index oc, Index side, Index kernel, Index padding) {
    const Index out = side + 2 * padding - kernel + 1;
    return ConvSizes{n, ic, oc, side, side, out, out, kernel, kernel, 1, 1, padding, padding};
  };
  BOOST_TEST(simd::winograd_pays(sizes(128, 384, 384, 12, 3, 1)));
  BOOST_TEST(simd::winograd_pays(sizes(128, 96, 256, 26, 5, 2)));
  BOOST_TEST(simd::winograd_pays(sizes(64, 16, 32, 56, 3, 1)));
  BOOST_TEST(!simd::winograd_pays(
      sizes(256, 1, 6, 28, 5, 2)));  // one channel: the transforms cost more than they save
  for (const Index n : {1, 7, 128})  // no image's numbers depend on how many there are
    BOOST_TEST(simd::best_tile(sizes(n, 512, 512, 3, 3, 1)) == simd::best_tile(sizes(64, 512, 512, 3, 3, 1)));
  BOOST_TEST(simd::winograd_pays(sizes(1, 512, 512, 3, 3, 1)));
  BOOST_TEST(!simd::winograd_pays(sizes(64, 64, 64, 12, 1, 0)));  // no such tile
  BOOST_TEST(
      !simd::winograd_pays(sizes(64, 64, 64, 12, 3, 3)));  // windows that lie in the padding altogether
  BOOST_TEST(!simd::winograd_pays(sizes(0, 64, 64, 12, 3, 1)));
  const auto strided = [](Index n, Index ic, Index oc, Index side, Index kernel, Size2d stride) {
    const Index padding = kernel / 2;
    return ConvSizes{n,
                     ic,
                     oc,
                     side,
                     side,
                     (side - 1) / stride.h + 1,
                     (side - 1) / stride.w + 1,
                     kernel,
                     kernel,
                     stride.h,
                     stride.w,
                     padding,
                     padding};
  };
  for (const ConvSizes& s : {strided(256, 64, 128, 24, 3, 2), strided(256, 256, 512, 6, 3, 2)}) {
    BOOST_TEST(simd::winograd_pays(s));
    BOOST_TEST(simd::winograd_backward_input_pays(s));
    BOOST_TEST(simd::winograd_backward_weight_pays(s));
  }
  BOOST_TEST(!simd::winograd_pays(strided(256, 1, 16, 24, 3, 2)));
  for (const Size2d stride : {Size2d{1, 2}, Size2d{2, 1}, Size2d{3, 3}}) {
    BOOST_TEST(!simd::winograd_pays(strided(256, 64, 64, 24, 3, stride)));
    BOOST_TEST(!simd::winograd_backward_input_pays(strided(256, 64, 64, 24, 3, stride)));
  }
  BOOST_TEST(!simd::winograd_pays(strided(256, 64, 64, 24, 5, 2)));
}

BOOST_AUTO_TEST_SUITE_END()
