// SPDX-License-Identifier: MIT
#include <boost/test/unit_test.hpp>

#include <vector>

#include "common/tensor/view.hpp"
#include "tests/support/close.hpp"

using namespace cnn;
using cnn::test::tensors_close;

BOOST_AUTO_TEST_SUITE(views)

BOOST_AUTO_TEST_CASE(a_view_shows_and_writes_the_elements) {
  Tensor x = Tensor::from_values({2, 3}, std::vector<float>{0, 1, 2, 3, 4, 5});
  auto v = view<2>(x);
  BOOST_TEST(v(1, 2) == 5);
  BOOST_TEST(v.shape()[0] == 2U);
  v(0, 1) = 7;
  xt::noalias(v) = v * 2.0F;
  BOOST_TEST(tensors_close(x, Tensor::from_values({2, 3}, std::vector<float>{0, 14, 4, 6, 8, 10})));
}

BOOST_AUTO_TEST_CASE(a_view_for_reading) {
  const Tensor x = Tensor::from_values({3}, std::vector<float>{1, 2, 4});
  BOOST_TEST(xt::sum(view<1>(x))() == 7);
}

BOOST_AUTO_TEST_CASE(what_xtensor_cannot_see_is_refused) {
  Tensor x = Tensor::zeros({2, 4, 1});
  BOOST_CHECK_THROW(view<2>(x), ShapeError);
  Tensor slice = x.channels(0, 2);
  BOOST_CHECK_THROW(view<3>(slice), StateError);
  Tensor labels = Tensor::zeros({2}, {}, DType::i64);
  BOOST_CHECK_THROW(view<1>(labels), StateError);
}

BOOST_AUTO_TEST_CASE(an_expression_becomes_a_tensor) {
  const xt::xtensor<float, 2> a{{1, 2}, {3, 4}};
  BOOST_TEST(
      tensors_close(from_xtensor(a + 1.0F), Tensor::from_values({2, 2}, std::vector<float>{2, 3, 4, 5})));
}

BOOST_AUTO_TEST_SUITE_END()
