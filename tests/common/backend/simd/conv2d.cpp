// SPDX-License-Identifier: MIT
// Convolutions of the simd rung, in all three directions, at every remainder of its blocks.
#include <boost/test/unit_test.hpp>

#include <ostream>
#include <vector>

#include "common/ops/activation.hpp"
#include "common/ops/conv2d.hpp"
#include "tests/support/backends.hpp"
#include "tests/support/close.hpp"
#include "tests/support/random_tensor.hpp"
#include "tests/support/simd_levels.hpp"

using namespace cnn;
using namespace cnn::test;

BOOST_AUTO_TEST_SUITE(conv2d)

namespace {

struct Case {
  Index n, ic, oc;
  Size2d image, kernel;
  ConvGeometry geometry{};
};

std::ostream& operator<<(std::ostream& out, const Case& c) {
  return out << c.n << " images " << c.ic << "x" << to_string(c.image) << ", " << c.oc << " kernels "
             << to_string(c.kernel) << ", stride " << to_string(c.geometry.stride) << ", padding "
             << to_string(c.geometry.padding);
}

/// Channels around the tile's rows, images around its columns, every relation of kernel, stride and padding, and sizes past
/// each block: 256 taps, 256 and 512 channels, 128 pixels of a gradient, of one row or of many images.
std::vector<Case> cases() {
  std::vector<Case> all{
      {3, 30, 5, 7, 3, {.padding = 1}},
      {2, 2, 3, {20, 31}, 17, {.padding = 3}},  // more than 256 taps a channel
      {2, 3, 530, 3, 1},
      {1, 4, 140, {5, 7}, 3},
      {5, 130, 9, 6, 1},
      {2, 1, 3, 40, {11, 9}, {.stride = 4, .padding = 1}},
      {9, 3, 4, 13, 1, {.stride = 2}},
      {2, 3, 4, {13, 9}, {1, 2}, {.stride = {3, 4}, .padding = {1, 0}}},
      {1, 2, 2, 5, 3, {.stride = 2, .padding = 5}},  // padding larger than the kernel
      {3, 2, 4, 1, 1},
      {2, 3, 4, {1, 200}, {1, 5}, {.padding = {0, 2}}},
      {2, 3, 4, {200, 1}, {5, 1}, {.stride = {2, 1}, .padding = {2, 0}}},
      // Few channels and wide images.
      {5, 1, 6, 28, 5},
      {2, 1, 9, {12, 70}, {5, 7}, {.stride = {1, 2}, .padding = 3}},
      {3, 1, 10, {20, 81}, {3, 11}, {.stride = {2, 4}}},
      {2, 2, 17, {6, 90}, {5, 17}, {.padding = {1, 8}}},
      {2, 12, 5, {9, 41}, {2, 7}, {.stride = {2, 1}}},
      {1, 1, 5, {70, 33}, 3, {.stride = 1, .padding = 2}},
      // Small images, of which several make a chunk; the last one is not full.
      {70, 9, 11, 4, 3, {.stride = 2, .padding = 1}},
      {33, 20, 30, 3, 1},
      {41, 3, 5, 2, 2},
      // More channels, and longer rows, than one task takes.
      {2, 26, 300, {9, 20}, 3, {.stride = 2, .padding = 1}},
      {1, 300, 26, 6, 2, {.stride = 2}},
      {2, 50, 9, {5, 300}, {2, 3}, {.stride = {1, 2}}},
      {1, 17, 9, {20, 31}, 1},
  };
  for (const Index channels : {1, 4, 7, 8, 9, 25})
    for (const Index side : {3, 6, 8, 17, 24, 49}) {
      all.push_back({2, channels, 26 - channels, side, 3, {.padding = 1}});
      all.push_back({3, 26 - channels, channels, side, 1});
      all.push_back({2, channels, 5, {side, side + 1}, 3, {.stride = {2, 3}, .padding = {1, 2}}});
    }
  return all;
}

struct Result {
  Tensor y, grad_x, grad_weight, grad_bias;
};

using Maker = Tensor (*)(const Shape&, std::uint64_t);

Result run(const std::string& backend, const Case& c, Maker make) {
  const BackendScope scope(backend);
  const Tensor x = make({c.n, c.ic, c.image.h, c.image.w}, 1);
  const Tensor weight = random_tensor({c.oc, c.ic, c.kernel.h, c.kernel.w}, 2),
               bias = random_tensor({c.oc}, 3);
  const Shape shape = ops::conv2d_output_shape(x.shape(), weight.shape(), c.geometry);
  const Tensor grad_y = make(shape, 4);
  Result r{make(shape, 5), make(x.shape(), 6), random_tensor(weight.shape(), 7),
           random_tensor(bias.shape(), 8)};
  backend_for(default_device()).conv2d(r.y, x, {weight, &bias}, c.geometry);
  backend_for(default_device())
      .conv2d_backward_input(r.grad_x, grad_y, weight, c.geometry, Write::overwrites);
  backend_for(default_device())
      .conv2d_backward_weight(r.grad_weight, &r.grad_bias, grad_y, x, c.geometry, Shards::all(x.shape()[0]));
  return r;
}

void check_close(const Result& a, const Result& b, const Tolerance& t) {
  BOOST_TEST(tensors_close(a.y, b.y, t));
  BOOST_TEST(tensors_close(a.grad_x, b.grad_x, t));
  BOOST_TEST(tensors_close(a.grad_weight, b.grad_weight, t));
  BOOST_TEST(tensors_close(a.grad_bias, b.grad_bias, t));
}

Result run_with_threads(int threads, const Case& c) {
  const ThreadScope scope(threads);
  return run("simd", c, random_tensor);
}

/// Sums of up to 225 products here reach about 15. Winograd's tiles, which only square kernels of 3 or 5 with stride 1 can
/// have, may miss by 2.3e-5 of the largest number, see winograd_rounding.cpp.
Tolerance rounding(const Case& c) {
  const bool tiles = c.kernel.h == c.kernel.w && (c.kernel.h == 3 || c.kernel.h == 5) &&
                     c.geometry.stride.h == 1 && c.geometry.stride.w == 1;
  return {.relative = 1e-5, .absolute = tiles ? 15 * 2.3e-5 : 1e-4};
}

}  // namespace

BOOST_DATA_TEST_CASE(matches_the_reference, boost::unit_test::data::make(cases()), c) {
  const Result expected = run("reference", c, random_tensor);
  for (const std::string& level : simd_level_names()) {
    BOOST_TEST_CONTEXT(level) {
      const SimdLevelScope scope(level);
      check_close(run("simd", c, random_tensor), expected, rounding(c));
      check_close(run("simd", c, random_slice), expected, rounding(c));
    }
  }
}

BOOST_DATA_TEST_CASE(relu_in_the_same_pass, boost::unit_test::data::make(cases()), c) {
  const BackendScope scope("simd");
  for (const std::string& level : simd_level_names()) {
    const SimdLevelScope level_scope(level);
    for (const Maker make : {Maker{random_tensor}, Maker{random_slice}}) {
      const Tensor x = make({c.n, c.ic, c.image.h, c.image.w}, 1);
      const Tensor weight = random_tensor({c.oc, c.ic, c.kernel.h, c.kernel.w}, 2),
                   bias = random_tensor({c.oc}, 3);
      Tensor y = make(ops::conv2d_output_shape(x.shape(), weight.shape(), c.geometry), 5);
      backend_for(default_device()).conv2d(y, x, {weight, &bias, {.relu = true}}, c.geometry);
      const Tensor expected = ops::relu(ops::conv2d(x, weight, &bias, c.geometry));
      BOOST_TEST(tensors_close(y, expected), level);
    }
  }
}

BOOST_DATA_TEST_CASE(threads_do_not_change_a_bit, simd_levels(), level) {
  const SimdLevelScope scope(level);
  for (const Case& c :
       {Case{17, 3, 8, 12, 5, {.stride = 1, .padding = 2}}, Case{9, 40, 30, 9, 3, {.stride = 2}}}) {
    const Result one = run_with_threads(1, c);
    check_close(run_with_threads(2, c), one, {});
    check_close(run_with_threads(4, c), one, {});
  }
}

BOOST_AUTO_TEST_SUITE_END()
