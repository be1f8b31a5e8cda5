// SPDX-License-Identifier: MIT
// The innermost loop of the products of matrices.
#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <functional>
#include <vector>

#include "common/backend/shards.hpp"
#include "common/backend/simd/kernels.hpp"
#include "tests/support/close.hpp"
#include "tests/support/random_tensor.hpp"
#include "tests/support/simd_levels.hpp"

using namespace cnn;
using namespace cnn::test;

BOOST_AUTO_TEST_SUITE(tile)

namespace {

constexpr Index stride = 64;  // at least the columns of any tile

Tensor product(const Tensor& before, const Tensor& a, const Tensor& b, bool adds) {
  Tensor c = before.clone();
  for (Index i = 0; i < a.shape()[1]; ++i)
    for (Index j = 0; j < b.shape()[1]; ++j) {
      double sum = adds ? double{c.data()[i * stride + j]} : 0;
      for (Index k = 0; k < a.shape()[0]; ++k)
        sum += double{a.data()[k * a.shape()[1] + i]} * double{b.data()[k * b.shape()[1] + j]};
      c.data()[i * stride + j] = static_cast<float>(sum);
    }
  return c;
}

}  // namespace

BOOST_DATA_TEST_CASE(is_a_product_of_panels, simd_levels() * boost::unit_test::data::make({0, 1, 7, 300}),
                     level, depth) {
  const SimdLevelScope scope(level);
  const simd::GemmKernels& gemm = simd::kernels().gemm;
  const Tensor a = random_tensor({depth, gemm.rows}, 1), b = random_tensor({depth, gemm.columns}, 2);
  const Tensor before = random_tensor({gemm.rows, stride}, 3);
  for (const bool adds : {false, true}) {
    Tensor c = before.clone();
    gemm.multiply_tile(c.data(), stride, a.data(), b.data(), depth, adds);
    BOOST_TEST(tensors_close(c, product(before, a, b, adds), {.relative = 1e-5, .absolute = 1e-5}));
  }
}

/// The sums of shards of the depth, some of which have no rows, joined in pairs: the same bits as from one tile for each shard.
BOOST_DATA_TEST_CASE(is_made_by_shards, simd_levels() * boost::unit_test::data::make({1, 2, 4, 8}), level,
                     shards) {
  const SimdLevelScope scope(level);
  const simd::GemmKernels& gemm = simd::kernels().gemm;
  for (const auto& depths : {std::vector<Index>{3, 0, 1, 17, 2, 5, 0, 4},
                             {0, 0, 0, 0, 0, 0, 0, 0},
                             {16, 16, 16, 16, 16, 16, 16, 16}}) {
    Index depth = 0;
    for (Index k = 0; k < shards; ++k) depth += depths[static_cast<std::size_t>(k)];
    const Tensor a = random_tensor({depth, gemm.rows}, 1), b = random_tensor({depth, gemm.columns}, 2);
    Tensor c = random_tensor({gemm.rows, stride}, 3), expected = c.clone();
    gemm.multiply_tile_by_shards(c.data(), stride, a.data(), b.data(), depths.data(), shards);

    std::vector<Tensor> sums;
    Index first = 0;
    for (Index k = 0; k < shards; first += depths[static_cast<std::size_t>(k)], ++k) {
      sums.push_back(Tensor::empty({gemm.rows, gemm.columns}));
      gemm.multiply_tile(sums.back().data(), gemm.columns, a.data() + first * gemm.rows,
                         b.data() + first * gemm.columns, depths[static_cast<std::size_t>(k)], false);
    }
    join_in_pairs(shards, [&](Index to, Index from) {
      float* const sum = sums[static_cast<std::size_t>(to)].data();
      const float* const other = sums[static_cast<std::size_t>(from)].data();
      std::transform(sum, sum + gemm.rows * gemm.columns, other, sum, std::plus<>());
    });
    for (Index i = 0; i < gemm.rows; ++i)
      std::copy_n(sums[0].data() + i * gemm.columns, gemm.columns, expected.data() + i * stride);
    BOOST_TEST(tensors_close(c, expected, {}));
  }
}

BOOST_DATA_TEST_CASE(is_made_of_products_of_rows,
                     simd_levels() * boost::unit_test::data::make({0, 1, 7, 8, 9, 300}), level, depth) {
  const SimdLevelScope scope(level);
  const simd::GemmKernels& gemm = simd::kernels().gemm;
  const Tensor a = random_tensor({gemm.rows, depth}, 1), b = random_tensor({gemm.vectors, depth}, 2);
  std::vector<const float*> left, right;
  for (Index i = 0; i < gemm.rows; ++i) left.push_back(a.data() + i * depth);
  for (Index j = 0; j < gemm.vectors; ++j) right.push_back(b.data() + j * depth);
  Tensor c = random_tensor({gemm.rows, gemm.vectors}, 3);
  gemm.multiply_rows(c.data(), left.data(), right.data(), depth);
  for (Index i = 0; i < gemm.rows; ++i)
    for (Index j = 0; j < gemm.vectors; ++j) {
      double sum = 0;
      for (Index k = 0; k < depth; ++k)
        sum += double{a.data()[i * depth + k]} * double{b.data()[j * depth + k]};
      BOOST_TEST(is_close(c.data()[i * gemm.vectors + j], sum, {.relative = 1e-5, .absolute = 1e-5}));
    }
}

BOOST_AUTO_TEST_SUITE_END()
