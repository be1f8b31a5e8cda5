// SPDX-License-Identifier: MIT
// Pooling on every instruction set: every window that has a kernel of its own, and any other one.
#include <boost/test/unit_test.hpp>

#include <cmath>
#include <limits>

#include "common/ops/pool2d.hpp"
#include "tests/common/backend/simd/on_level.hpp"

using namespace cnn;
using namespace cnn::test;

BOOST_AUTO_TEST_SUITE(simd_pool2d)

namespace {

const std::vector<Pool2dOptions> windows{{2, 2, 0},
                                         {3, 2, 0},
                                         {3, 2, 1},
                                         {3, 1, 1},
                                         {3, 1, 0},
                                         {2, 1, 0},
                                         {2, 2, 1},
                                         {2, 3, 1},
                                         {1, 1, 0},
                                         {1, 3, 0},
                                         {3, 3, 0},
                                         {5, 3, 2},
                                         {5, 4, 1},
                                         {{3, 2}, {1, 2}, {1, 0}},
                                         {{2, 3}, {2, 1}, {0, 1}},
                                         {{1, 4}, {3, 2}, {0, 2}},
                                         {{2, 5}, Index{1} << 40, 0}};

/// Rows that end anywhere in a register, and images of which six are more than one thread's piece.
std::vector<Size2d> sizes() {
  std::vector<Size2d> all{{17, 33}, {33, 17}, {82, 80}};
  for (Index side = 5; side <= 20; ++side) all.push_back({side % 4 + 5, side});
  return all;
}

/// Whole numbers of a small range, so that many are equal, and a few that are none.
Tensor with_ties(Tensor x, bool with_nan) {
  Index k = 0;
  for (Index n = 0; n < x.shape()[0]; ++n)
    for (Index i = 0; i < x.size() / x.shape()[0]; ++i, ++k) {
      float& value = x.data()[n * x.image_stride() + i];
      value = std::round(value * 3);
      if (with_nan && k % 17 == 3) value = std::numeric_limits<float>::quiet_NaN();
      if (with_nan && k % 19 == 5) value = -std::numeric_limits<float>::infinity();
    }
  return x;
}

std::vector<Tensor> pool(const Tensor& x, const Pool2dOptions& o) {
  const ops::MaxPool2d maximum = ops::max_pool2d(x, o);
  const Tensor mean = ops::avg_pool2d(x, o);
  const Tensor grad_y = random_tensor(mean.shape(), 2);
  return {maximum.y, maximum.indices, mean, ops::max_pool2d_backward(grad_y, maximum.indices, x.shape(), o),
          ops::avg_pool2d_backward(grad_y, x.shape(), o)};
}

}  // namespace

BOOST_DATA_TEST_CASE(same_bits_as_the_reference, simd_levels(), level) {
  for (const Pool2dOptions& o : windows)
    for (const Size2d size : sizes()) {
      const Shape shape{2, 3, size.h, size.w};
      for (const Tensor& x :
           {random_tensor(shape, 1), random_slice(shape, 1), with_ties(random_tensor(shape, 1), false)})
        BOOST_TEST(agrees_with_reference(level, [&] { return pool(x, o); }),
                   to_string(shape) << ", window " << to_string(o.kernel) << ", stride "
                                    << to_string(o.stride) << ", padding " << to_string(o.padding));
    }
}

BOOST_DATA_TEST_CASE(nan_and_minus_infinity, simd_levels(), level) {
  for (const Pool2dOptions& o : windows)
    for (const Size2d size : {Size2d{9, 19}, Size2d{12, 8}}) {
      const Tensor x = with_ties(random_tensor({2, 3, size.h, size.w}, 1), true);
      const auto run = [&] {
        const ops::MaxPool2d maximum = ops::max_pool2d(x, o);
        return std::vector{maximum.y, maximum.indices};
      };
      BOOST_TEST(agrees_with_reference(level, run), to_string(size) << ", window " << to_string(o.kernel));
    }
}

BOOST_DATA_TEST_CASE(the_whole_image, simd_levels(), level) {
  for (const Size2d size : sizes()) {
    const Tensor x = random_slice({3, 5, size.h, size.w}, 1);
    BOOST_TEST(agrees_with_reference(level,
                                     [&] {
                                       return pool(x, {size, size, 0});
                                     },
                                     {.relative = 1e-5, .absolute = 1e-6}),
               to_string(size));
  }
}

BOOST_AUTO_TEST_SUITE_END()
