// SPDX-License-Identifier: MIT
// Products of matrices in blocks, and the linear layers that stand on them.
#include <boost/test/unit_test.hpp>

#include <ostream>
#include <vector>

#include "common/backend/simd/gemm.hpp"
#include "tests/support/backends.hpp"
#include "tests/support/close.hpp"
#include "tests/support/random_tensor.hpp"
#include "tests/support/simd_levels.hpp"

using namespace cnn;
using namespace cnn::test;

BOOST_AUTO_TEST_SUITE(gemm)

namespace {

struct Sizes {
  Index rows, columns, depth;
};

std::ostream& operator<<(std::ostream& out, const Sizes& s) {
  return out << s.rows << "x" << s.depth << " times " << s.depth << "x" << s.columns;
}

/// Around the sides of a tile, of a block, and beyond.
const std::vector<Sizes> sizes{{1, 1, 1},      {3, 5, 2},         {4, 24, 8},   {5, 25, 9},
                               {9, 49, 257},   {8, 48, 256},      {129, 7, 30}, {33, 1000, 11},
                               {530, 200, 70}, {2, 24 * 33, 600}, {7, 3, 1025}, {64, 97, 513}};

Tensor product(const Tensor& a, const Tensor& b) {
  const auto [rows, depth] = a.dims<2>();
  const Index columns = b.shape()[1];
  Tensor c = Tensor::empty({rows, columns});
  for (Index i = 0; i < rows; ++i)
    for (Index j = 0; j < columns; ++j) {
      double sum = 0;
      for (Index k = 0; k < depth; ++k)
        sum += double{a.data()[i * depth + k]} * double{b.data()[k * columns + j]};
      c.data()[i * columns + j] = static_cast<float>(sum);
    }
  return c;
}

struct LinearResult {
  Tensor y, grad_x, grad_weight, grad_bias;
};

LinearResult linear_on(const std::string& backend, const Sizes& s) {
  const BackendScope scope(backend);
  const Index n = s.rows, out = s.columns, in = s.depth;
  const Tensor x = random_tensor({n, in}, 1), weight = random_tensor({out, in}, 2),
               bias = random_tensor({out}, 3);
  const Tensor grad_y = random_tensor({n, out}, 4);
  LinearResult r{random_tensor({n, out}, 5), random_tensor({n, in}, 6), random_tensor({out, in}, 7),
                 random_tensor({out}, 8)};
  backend_for(default_device()).linear(r.y, x, {weight, &bias});
  backend_for(default_device()).linear_backward_input(r.grad_x, grad_y, weight);
  backend_for(default_device())
      .linear_backward_weight(r.grad_weight, &r.grad_bias, grad_y, x, Shards::all(n));
  return r;
}

void check_close(const LinearResult& a, const LinearResult& b, const Tolerance& t) {
  BOOST_TEST(tensors_close(a.y, b.y, t));
  BOOST_TEST(tensors_close(a.grad_x, b.grad_x, t));
  BOOST_TEST(tensors_close(a.grad_weight, b.grad_weight, t));
  BOOST_TEST(tensors_close(a.grad_bias, b.grad_bias, t));
}

const Tolerance rounding{.relative = 1e-5, .absolute = 1e-4};

}  // namespace

BOOST_DATA_TEST_CASE(blocks_make_the_product, simd_levels() * boost::unit_test::data::make(sizes), level, s) {
  const SimdLevelScope scope(level);
  const Tensor a = random_tensor({s.rows, s.depth}, 1), b = random_tensor({s.depth, s.columns}, 2);
  Tensor c = random_tensor({s.rows, s.columns}, 3);
  for (const Index depth_block : {Index{64}, Index{256}}) {
    simd::multiply({a.data(), s.rows, s.depth, simd::multiples(s.depth, 1)}, s.columns, depth_block,
                   simd::pack_matrix(b.data(), s.columns), simd::store_matrix(c.data(), s.columns));
    BOOST_TEST(tensors_close(c, product(a, b), rounding));
  }
}

BOOST_DATA_TEST_CASE(rows_that_are_not_there_are_zero, simd_levels(), level) {
  const SimdLevelScope scope(level);
  const Index high = simd::kernels().gemm.rows;
  const Tensor a = random_tensor({high + 1, 3}, 1);
  const simd::PackedRows packed(a.data(), high + 1, 3, {0, 1, 2});
  BOOST_TEST(packed.panel(high, 2)[0] == a.data()[high * 3 + 2]);
  for (Index i = 1; i < high; ++i) BOOST_TEST(packed.panel(high, 2)[i] == 0);
}

BOOST_DATA_TEST_CASE(linear_matches_the_reference, simd_levels() * boost::unit_test::data::make(sizes), level,
                     s) {
  const SimdLevelScope scope(level);
  check_close(linear_on("simd", s), linear_on("reference", s), rounding);
}

BOOST_DATA_TEST_CASE(threads_do_not_change_a_bit, simd_levels(), level) {
  const SimdLevelScope scope(level);
  const auto with = [](int threads) {
    const ThreadScope count(threads);
    return linear_on("simd", {70, 130, 600});
  };
  const LinearResult one = with(1);
  check_close(with(2), one, {});
  check_close(with(4), one, {});
}

BOOST_AUTO_TEST_SUITE_END()
