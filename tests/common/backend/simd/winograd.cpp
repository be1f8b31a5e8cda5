// SPDX-License-Identifier: MIT
// Convolutions with fewer multiplications, beside the plain loops.
#include "common/backend/simd/winograd.hpp"

#include <ostream>

#include "tests/support/backends.hpp"
#include "tests/support/close.hpp"
#include "tests/support/random_tensor.hpp"
#include "tests/support/simd_levels.hpp"

using namespace cnn;
using namespace cnn::test;
namespace data = boost::unit_test::data;

namespace {

struct Case {
  Index n, ic, oc;
  Size2d image;
  Index kernel;
  Size2d padding;
  bool slice = false;  // images are channels of larger tensors
};

std::ostream& operator<<(std::ostream& out, const Case& c) {
  return out << c.n << " images " << c.ic << "x" << to_string(c.image) << ", " << c.oc << " kernels of side "
             << c.kernel << ", padding " << to_string(c.padding) << (c.slice ? ", sliced" : "");
}

// Every remainder of channels by 1, 2, 3 registers, of outputs by tiles of 2 and 4, images below one tile and one register.
const std::vector<Case> cases{
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
    {3, 5, 7, {8, 13}, 3, 1, true},
    {2, 3, 4, 5, 5, 0},
    {2, 9, 17, {13, 6}, 5, 2},
    {3, 16, 24, {3, 12}, 5, {4, 1}},
    {2, 7, 8, 11, 5, {3, 2}, true},
};

/// All tensors of a case; gradients and outputs hold numbers before they are overwritten.
struct Tensors {
  Tensor x, weight, bias, grad_y, y, grad_x, grad_weight;
  ConvGeometry geometry;
  ConvSizes sizes;

  explicit Tensors(const Case& c) : geometry{1, c.padding} {
    const auto make = [&](const Shape& shape, std::uint64_t seed) {
      return c.slice ? random_slice(shape, seed) : random_tensor(shape, seed);
    };
    const Index oh = c.image.h + 2 * c.padding.h - c.kernel + 1,
                ow = c.image.w + 2 * c.padding.w - c.kernel + 1;
    x = make({c.n, c.ic, c.image.h, c.image.w}, 1);
    weight = random_tensor({c.oc, c.ic, c.kernel, c.kernel}, 2);
    bias = random_tensor({c.oc}, 3);
    grad_y = make({c.n, c.oc, oh, ow}, 4);
    y = make({c.n, c.oc, oh, ow}, 5);
    grad_x = make(x.shape(), 6);
    grad_weight = random_tensor(weight.shape(), 7);
    sizes = conv_sizes(x, weight, y, geometry);
  }
};

/// Rounding errors grow with the length of the sum and the largest terms: a share of the largest result.
double largest(const Tensor& x) {
  double most = 0;
  for (const float value : x.clone().values()) most = std::max(most, std::abs(double{value}));
  return most;
}

Tolerance tolerance(const Tensor& expected) { return {.absolute = 4e-5 * largest(expected)}; }

}  // namespace

BOOST_AUTO_TEST_SUITE(winograd)

BOOST_DATA_TEST_CASE(matches_the_reference, simd_levels() * data::make(cases), level, c) {
  const SimdLevelScope scope(level);
  const auto reference = make_reference_backend();
  Tensors fast(c), slow(c);

  simd::winograd_conv2d(fast.y, fast.x, {fast.weight, &fast.bias}, fast.sizes);
  reference->conv2d(slow.y, slow.x, {slow.weight, &slow.bias}, slow.geometry);
  BOOST_TEST(tensors_close(fast.y, slow.y, tolerance(slow.y)));

  simd::winograd_conv2d(fast.y, fast.x, {fast.weight}, fast.sizes);
  reference->conv2d(slow.y, slow.x, {slow.weight}, slow.geometry);
  BOOST_TEST(tensors_close(fast.y, slow.y, tolerance(slow.y)));

  simd::winograd_backward_input(fast.grad_x, fast.grad_y, fast.weight, fast.sizes);
  reference->conv2d_backward_input(slow.grad_x, slow.grad_y, slow.weight, slow.geometry);
  BOOST_TEST(tensors_close(fast.grad_x, slow.grad_x, tolerance(slow.grad_x)));

  simd::winograd_backward_weight(fast.grad_weight, fast.grad_y, fast.x, fast.sizes);
  reference->conv2d_backward_weight(slow.grad_weight, nullptr, slow.grad_y, slow.x, slow.geometry);
  BOOST_TEST(tensors_close(fast.grad_weight, slow.grad_weight, tolerance(slow.grad_weight)));

  BOOST_TEST(tensors_close(fast.x, slow.x));
  BOOST_TEST(tensors_close(fast.grad_y, slow.grad_y));
}

BOOST_DATA_TEST_CASE(has_the_same_bits_with_any_threads, simd_levels() * data::make(cases), level, c) {
  const SimdLevelScope scope(level);
  const auto run = [&](int threads) {
    const ThreadScope thread_scope(threads);
    Tensors t(c);
    simd::winograd_conv2d(t.y, t.x, {t.weight, &t.bias}, t.sizes);
    simd::winograd_backward_input(t.grad_x, t.grad_y, t.weight, t.sizes);
    simd::winograd_backward_weight(t.grad_weight, t.grad_y, t.x, t.sizes);
    return t;
  };
  const Tensors one = run(1);
  for (const int threads : {2, 4}) {
    const Tensors more = run(threads);
    BOOST_TEST(tensors_close(more.y, one.y));
    BOOST_TEST(tensors_close(more.grad_x, one.grad_x));
    BOOST_TEST(tensors_close(more.grad_weight, one.grad_weight));
  }
}

BOOST_AUTO_TEST_SUITE_END()
