// SPDX-License-Identifier: MIT
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "common/ops/batch_norm.hpp"
#include "tests/support/backends.hpp"
#include "tests/support/close.hpp"

using namespace cnn;
using test::on_device;
using test::tensors_close;

BOOST_AUTO_TEST_SUITE(batch_norm)

namespace {

Tensor values(const Shape& shape, const std::vector<float>& v) {
  return on_device(Tensor::from_values(shape, v));
}

bool says(const std::exception& e, const std::string& text) {
  return std::string(e.what()).find(text) != std::string::npos;
}

}  // namespace

BOOST_DATA_TEST_CASE(rows_by_hand, test::backends(), backend) {
  const BackendScope scope(backend);
  const Tensor x = values({2, 2}, {1, 10, 3, 30});  // means 2 and 20, deviations 1 and 10
  const Tensor weight = values({2}, {2, 1});
  const ops::BatchNorm b = ops::batch_norm(x, weight, values({2}, {0, 5}), 0);
  BOOST_TEST(tensors_close(b.mean, values({2}, {2, 20})));
  BOOST_TEST(tensors_close(b.variance, values({2}, {1, 100})));
  BOOST_TEST(tensors_close(b.y, values({2, 2}, {-2, 4, 2, 6}), {1e-6}));
}

BOOST_DATA_TEST_CASE(images_by_hand, test::backends(), backend) {
  const BackendScope scope(backend);
  // Channel 0 holds 1 3 5 7: mean 4, variance 5. With epsilon 4 the divisor is 3.
  const Tensor x = values({2, 2, 1, 2}, {1, 3, 0, 0, 5, 7, 0, 0});
  const Tensor weight = values({2}, {3, 1});
  const ops::BatchNorm b = ops::batch_norm(x, weight, values({2}, {1, -1}), 4);
  BOOST_TEST(tensors_close(b.mean, values({2}, {4, 0})));
  BOOST_TEST(tensors_close(b.variance, values({2}, {5, 0})));
  BOOST_TEST(tensors_close(b.y, values({2, 2, 1, 2}, {-2, 0, -1, -1, 2, 4, -1, -1}), {1e-6, 1e-6}));

  // dy = 1 0 0 0: mean 1/4; x^ = -1 -1/3 1/3 1, so mean(dy x^) = -1/4; gamma / 3 = 1.
  const Tensor grad_y = values({2, 2, 1, 2}, {1, 0, 0, 0, 0, 0, 0, 0});
  const ops::BatchNormGrads g = ops::batch_norm_backward(grad_y, x, {b.mean, b.variance, weight, weight, 4});
  BOOST_TEST(tensors_close(g.bias, values({2}, {1, 0})));
  BOOST_TEST(tensors_close(g.weight, values({2}, {-1, 0}), {1e-6}));
  BOOST_TEST(
      tensors_close(g.x, values({2, 2, 1, 2}, {0.5F, -1 / 3.0F, 0, 0, -1 / 6.0F, 0, 0, 0}), {1e-5, 1e-6}));
}

BOOST_DATA_TEST_CASE(given_statistics, test::backends(), backend) {
  const BackendScope scope(backend);
  Tensor x = values({2, 1}, {7, 1});
  const Tensor mean = values({1}, {3}), variance = values({1}, {4}), weight = values({1}, {10}),
               bias = values({1}, {1});
  const Tensor expected = values({2, 1}, {21, -9});
  BOOST_TEST(tensors_close(ops::normalize(x, {mean, variance, weight, bias, 0}), expected, {1e-6}));
  BOOST_TEST(tensors_close(x, values({2, 1}, {7, 1})));
  x = ops::normalize(std::move(x), {mean, variance, weight, bias, 0});
  BOOST_TEST(tensors_close(x, expected, {1e-6}));
  const Tensor none = on_device(Tensor::zeros({0, 1}));
  BOOST_TEST(ops::normalize(none, {mean, variance, weight, bias, 0}).size() == 0);
}

BOOST_DATA_TEST_CASE(a_gradient_nobody_else_holds_is_reused, test::backends(), backend) {
  const BackendScope scope(backend);
  const Tensor x = values({2, 1}, {1, 2}), one = values({1}, {1});
  Tensor grad_y = values({2, 1}, {3, 4});
  BOOST_TEST(!ops::batch_norm_backward(grad_y, x, {one, one, one, one, 0}).x.shares_storage_with(grad_y));
  BOOST_TEST(tensors_close(grad_y, values({2, 1}, {3, 4})));
  const Tensor expected = ops::batch_norm_backward(grad_y, x, {one, one, one, one, 0}).x;
  const float* const place = grad_y.data();
  const Tensor grad_x = ops::batch_norm_backward(std::move(grad_y), x, {one, one, one, one, 0}).x;
  BOOST_TEST(grad_x.data() == place);
  BOOST_TEST(tensors_close(grad_x, expected));
}

BOOST_AUTO_TEST_CASE(messages) {
  const BackendScope scope("reference");
  const Tensor two = values({2}, {1, 1}), three = values({3}, {1, 1, 1});
  const auto check = [](const auto& call, const std::string& text) {
    BOOST_CHECK_EXCEPTION(call(), ShapeError, [&](const ShapeError& e) { return says(e, text); });
  };
  check(
      [&] {
        ops::batch_norm(Tensor::zeros({2, 2, 2}), two, two);
      },
      "[batch_norm] x must be [n, c] or [n, c, h, w]; it is [2, 2, 2]");
  check(
      [&] {
        ops::batch_norm(Tensor::zeros({4, 2}), three, two);
      },
      "[batch_norm] weight must have one number for each of 2 channels, it is [3] (x = [4, 2])");
  check([&] { ops::batch_norm(Tensor::zeros({4, 2}), two, three); }, "[batch_norm] bias must have");
  check(
      [&] {
        ops::batch_norm(Tensor::zeros({0, 2}), two, two);
      },
      "the batch has 0 images; statistics take at least 1 value of each");
  check(
      [&] {
        ops::normalize(Tensor::zeros({4, 2}), {three, two, two, two, 0});
      },
      "[normalize] mean must have");
  check(
      [&] {
        ops::normalize(Tensor::zeros({4, 2}), {two, three, two, two, 0});
      },
      "[normalize] variance must");
  check(
      [&] {
        ops::batch_norm_backward(Tensor::zeros({4, 3}), Tensor::zeros({4, 2}), {two, two, two, two, 0});
      },
      "[batch_norm_backward] grad_y must be [4, 2], it is [4, 3]");
  BOOST_CHECK_THROW(ops::batch_norm({}, two, two), StateError);
}

BOOST_AUTO_TEST_SUITE_END()
