// SPDX-License-Identifier: MIT
// The backward loops of the lowest rung are the derivatives of its forward loops: central differences in double.
#include <cstdint>
#include <utility>
#include <vector>

#include "common/backend/reference/activation.hpp"
#include "common/backend/reference/conv2d.hpp"
#include "common/backend/reference/linear.hpp"
#include "common/backend/reference/pool2d.hpp"
#include "common/backend/reference/softmax.hpp"
#include "tests/support/backends.hpp"
#include "tests/support/gradient_check.hpp"
#include "tests/support/random_tensor.hpp"

using namespace cnn;
using cnn::reference::Array4;
using cnn::test::is_gradient;
using cnn::test::random_doubles;

BOOST_AUTO_TEST_SUITE(gradients)

namespace {

using Values = std::vector<double>;

/// L = sum of y times fixed factors, whose gradient with respect to y is the factors.
double weighted_sum(const Values& y, const Values& factors) {
  double sum = 0;
  for (std::size_t k = 0; k < y.size(); ++k) sum += y[k] * factors[k];
  return sum;
}

struct Sizes {
  Index n, c, h, w;
  Index count() const { return n * c * h * w; }
};

Array4<double> array(Values& values, const Sizes& s) {
  return reference::array4(values.data(), s.n, s.c, s.h, s.w);
}
Array4<const double> array(const Values& values, const Sizes& s) {
  return reference::array4(values.data(), s.n, s.c, s.h, s.w);
}
Values zeros(Index count) { return Values(static_cast<std::size_t>(count)); }

void check_conv2d(const Sizes& xs, const Sizes& ws, const Sizes& ys, const ConvGeometry& g) {
  Values x = random_doubles(xs.count(), 1), weight = random_doubles(ws.count(), 2),
         bias = random_doubles(ws.n, 3);
  const Values grad_y = random_doubles(ys.count(), 4);
  Values y = zeros(ys.count());
  const auto loss = [&] {
    reference::conv2d(array(y, ys), array(std::as_const(x), xs), array(std::as_const(weight), ws),
                      std::as_const(bias).data(), g);
    return weighted_sum(y, grad_y);
  };
  Values grad_x = zeros(xs.count()), grad_weight = zeros(ws.count()), grad_bias = zeros(ws.n);
  reference::conv2d_backward_input(array(grad_x, xs), array(grad_y, ys), array(std::as_const(weight), ws), g);
  reference::conv2d_backward_weight(array(grad_weight, ws), array(grad_y, ys), array(std::as_const(x), xs), g,
                                    Shards::all(xs.n));
  reference::conv2d_backward_bias(grad_bias.data(), array(grad_y, ys), Shards::all(ys.n));
  BOOST_TEST(is_gradient(x, grad_x, loss));
  BOOST_TEST(is_gradient(weight, grad_weight, loss));
  BOOST_TEST(is_gradient(bias, grad_bias, loss));
}

}  // namespace

BOOST_AUTO_TEST_CASE(conv2d) {
  check_conv2d({2, 2, 5, 4}, {3, 2, 3, 2}, {2, 3, 3, 3}, {});
  check_conv2d({2, 1, 6, 7}, {2, 1, 3, 5}, {2, 2, 2, 2}, {.stride = {3, 4}, .padding = {0, 1}});
  check_conv2d({1, 2, 4, 4}, {2, 2, 3, 3}, {1, 2, 4, 4}, {.stride = 1, .padding = 1});
  check_conv2d({2, 3, 3, 3}, {2, 3, 3, 3}, {2, 2, 1, 1}, {});
  check_conv2d({1, 1, 5, 5}, {1, 1, 2, 2}, {1, 1, 2, 2}, {.stride = 3});
}

BOOST_AUTO_TEST_CASE(linear) {
  const reference::LinearSizes s{3, 5, 4};
  Values x = random_doubles(15, 1), weight = random_doubles(20, 2), bias = random_doubles(4, 3),
         y = zeros(12);
  const Values grad_y = random_doubles(12, 4);
  const auto loss = [&] {
    reference::linear<double>(y.data(), x.data(), weight.data(), bias.data(), s);
    return weighted_sum(y, grad_y);
  };
  Values grad_x = zeros(15), grad_weight = zeros(20), grad_bias = zeros(4);
  reference::linear_backward_input<double>(grad_x.data(), grad_y.data(), weight.data(), s);
  reference::linear_backward_weight<double>(grad_weight.data(), grad_bias.data(), grad_y.data(), x.data(), s,
                                            Shards::all(s.n));
  BOOST_TEST(is_gradient(x, grad_x, loss));
  BOOST_TEST(is_gradient(weight, grad_weight, loss));
  BOOST_TEST(is_gradient(bias, grad_bias, loss));
}

BOOST_AUTO_TEST_CASE(pool2d) {
  const Sizes xs{2, 2, 5, 4}, real{2, 2, 3, 3};
  const Pool2dOptions options{.kernel = {3, 2}, .stride = {2, 1}, .padding = {1, 0}};
  Values x = random_doubles(xs.count(), 1), y = zeros(real.count()), grad_x = zeros(xs.count());
  std::vector<std::int32_t> indices(static_cast<std::size_t>(real.count()));
  const Values grad_y = random_doubles(real.count(), 2);
  const auto positions = reference::array4(indices.data(), real.n, real.c, real.h, real.w);
  const auto maximum = [&] {
    reference::max_pool2d(array(y, real), positions, array(std::as_const(x), xs), options);
    return weighted_sum(y, grad_y);
  };
  maximum();
  reference::max_pool2d_backward(
      array(grad_x, xs), array(grad_y, real),
      reference::array4(std::as_const(indices).data(), real.n, real.c, real.h, real.w));
  BOOST_TEST(is_gradient(x, grad_x, maximum));
  const auto mean = [&] {
    reference::avg_pool2d(array(y, real), array(std::as_const(x), xs), options);
    return weighted_sum(y, grad_y);
  };
  reference::avg_pool2d_backward(array(grad_x, xs), array(grad_y, real), options);
  BOOST_TEST(is_gradient(x, grad_x, mean));
}

BOOST_AUTO_TEST_CASE(activations) {
  Values x = random_doubles(20, 1), y = zeros(20), grad_x = zeros(20);
  const Values grad_y = random_doubles(20, 2);
  const auto sigmoid = [&] {
    reference::sigmoid(y.data(), std::as_const(x).data(), 20);
    return weighted_sum(y, grad_y);
  };
  sigmoid();
  reference::sigmoid_backward(grad_x.data(), grad_y.data(), std::as_const(y).data(), 20);
  BOOST_TEST(is_gradient(x, grad_x, sigmoid));
  const auto relu = [&] {
    reference::relu(y.data(), std::as_const(x).data(), 20);
    return weighted_sum(y, grad_y);
  };
  relu();
  reference::relu_backward(grad_x.data(), grad_y.data(), std::as_const(y).data(), 20);
  BOOST_TEST(is_gradient(x, grad_x, relu));
}

BOOST_AUTO_TEST_CASE(softmax_cross_entropy) {
  Values z = random_doubles(12, 1), losses = zeros(3), grad = zeros(12);
  const std::vector<std::int64_t> labels{2, 0, 3};
  std::vector<std::uint8_t> correct(3);
  const auto loss = [&] {
    reference::softmax_cross_entropy<double>(losses.data(), correct.data(), nullptr, z.data(), labels.data(),
                                             3, 4, 3);
    return (losses[0] + losses[1] + losses[2]) / 3;
  };
  reference::softmax_cross_entropy<double>(losses.data(), correct.data(), grad.data(), z.data(),
                                           labels.data(), 3, 4, 3);
  BOOST_TEST(is_gradient(z, grad, loss));
}

BOOST_AUTO_TEST_SUITE_END()
