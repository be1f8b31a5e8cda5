// SPDX-License-Identifier: MIT
#include "common/backend/xtensor/gemm.hpp"

#include "common/backend/xtensor/im2col.hpp"
#include "common/core/check.hpp"
#include "tests/support/backends.hpp"
#include "tests/support/close.hpp"
#include "tests/support/random_tensor.hpp"

using namespace cnn;
using namespace cnn::test;

BOOST_AUTO_TEST_SUITE(products)

BOOST_AUTO_TEST_CASE(by_hand) {
  const std::vector<float> a{1, 2, 3, 4, 5, 6}, b{1, 0, 0, 1, 1, 1};
  Tensor c = Tensor::from_values({2, 2}, std::vector<float>{10, 20, 30, 40});
  gemm(matrix(c.data(), 2, 2), matrix(a.data(), 2, 3), matrix(b.data(), 3, 2), 1);
  BOOST_TEST(tensors_close(c, Tensor::from_values({2, 2}, std::vector<float>{14, 25, 40, 51})));
}

// xtensor-blas 0.20: dot(view(A, range(0, 2), all()), transpose(A)) is 2x2 instead of 2x6, because it compares addresses only.
BOOST_AUTO_TEST_CASE(some_rows_of_a_matrix_times_its_transpose) {
  const std::vector<float> a{1, 0, 2, 1, 0, 3, 1, 1, 4, 0, 0, 5};  // 6x2
  Tensor c = Tensor::empty({2, 6});
  gemm(matrix(c.data(), 2, 6), matrix(a.data(), 2, 2), transpose(matrix(a.data(), 6, 2)));
  BOOST_TEST(
      tensors_close(c, Tensor::from_values({2, 6}, std::vector<float>{1, 2, 0, 1, 4, 0, 2, 5, 3, 3, 8, 5})));
}

BOOST_AUTO_TEST_CASE(an_empty_sum_overwrites_or_adds_nothing) {
  Tensor c = Tensor::from_values({1, 2}, std::vector<float>{1, 2});
  gemm(matrix(c.data(), 1, 2), Matrix<const float>{nullptr, 1, 0, 0}, Matrix<const float>{nullptr, 0, 2, 2},
       1);
  BOOST_TEST(tensors_close(c, Tensor::from_values({1, 2}, std::vector<float>{1, 2})));
  gemm(matrix(c.data(), 1, 2), Matrix<const float>{nullptr, 1, 0, 0}, Matrix<const float>{nullptr, 0, 2, 2});
  BOOST_TEST(tensors_close(c, Tensor::zeros({1, 2})));
}

BOOST_AUTO_TEST_CASE(sizes_that_do_not_fit) {
  Tensor c = Tensor::zeros({2, 2});
  const Tensor a = Tensor::zeros({2, 3});
  BOOST_CHECK_THROW(gemm(matrix(c.data(), 2, 2), matrix(a.data(), 2, 3), matrix(a.data(), 2, 2)), ShapeError);
  BOOST_CHECK_THROW(gemm(matrix(c.data(), 2, 2), matrix(a.data(), 1, 2), matrix(a.data(), 2, 2)), ShapeError);
}

BOOST_AUTO_TEST_CASE(windows_become_columns) {  // the picture of im2col.hpp, a b c ... = 1 2 3 ...
  const std::vector<float> image{1, 2, 3, 4, 5, 6, 7, 8, 9};
  const ConvSizes s{1, 1, 1, 3, 3, 2, 2, 2, 2, 1, 1, 0, 0};
  Tensor columns = Tensor::empty({4, 4});
  im2col(columns.data(), 4, image.data(), s);
  const Tensor expected =
      Tensor::from_values({4, 4}, std::vector<float>{1, 2, 4, 5, 2, 3, 5, 6, 4, 5, 7, 8, 5, 6, 8, 9});
  BOOST_TEST(tensors_close(columns, expected));
  Tensor sums = Tensor::zeros({3, 3});
  col2im(sums.data(), columns.data(), 4, s);  // each pixel as often as windows hold it
  BOOST_TEST(
      tensors_close(sums, Tensor::from_values({3, 3}, std::vector<float>{1, 4, 3, 8, 20, 12, 7, 16, 9})));
}

BOOST_AUTO_TEST_SUITE_END()
