// SPDX-License-Identifier: MIT
// The loops that define batch normalization have the right gradients, and every rung agrees with them.
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <cmath>
#include <numeric>
#include <utility>

#include "common/backend/reference/batch_norm.hpp"
#include "common/ops/activation.hpp"
#include "common/ops/batch_norm.hpp"
#include "tests/support/backends.hpp"
#include "tests/support/close.hpp"
#include "tests/support/gradient_check.hpp"
#include "tests/support/random_tensor.hpp"

using namespace cnn;
using test::tensors_close;

BOOST_AUTO_TEST_SUITE(batch_norm)

namespace {

/// A shape that Boost.Test can print.
struct PrintedShape : Shape {
  using Shape::Shape;
};

std::ostream& operator<<(std::ostream& out, const PrintedShape& shape) { return out << to_string(shape); }

const std::vector<PrintedShape> shapes{{2, 1},          {7, 5},          {300, 120},      {1, 3, 2, 1},
                                       {2, 3, 1, 1},    {4, 6, 3, 5},    {3, 2, 16, 16},  {16, 9, 7, 7},
                                       {2, 40, 33, 31}, {64, 2, 12, 12}, {1, 1, 200, 200}};

/// What one normalization and its way back give, on the host.
struct Results {
  Tensor y, mean, variance, grad_x, grad_weight, grad_bias, evaluated;
};

Results normalize_on(const std::string& backend, const Shape& shape) {
  const BackendScope scope(backend);
  const Tensor x = test::on_device(test::random_tensor(shape, 1));
  const Tensor grad_y = test::on_device(test::random_tensor(shape, 2));
  const Tensor weight = test::on_device(test::random_tensor({shape[1]}, 3));
  const Tensor bias = test::on_device(test::random_tensor({shape[1]}, 4));
  const ops::BatchNorm b = ops::batch_norm(x, weight, bias);
  const ops::BatchNormGrads g = ops::batch_norm_backward(grad_y, x, {b.mean, b.variance, weight, bias, 1e-5});
  const Tensor evaluated = ops::normalize(x, {bias, b.variance, weight, bias, 1e-3});
  return {b.y.to({}),      b.mean.to({}), b.variance.to({}), g.x.to({}),
          g.weight.to({}), g.bias.to({}), evaluated.to({})};
}

void check_close(const Results& a, const Results& b, test::Tolerance t) {
  BOOST_TEST(tensors_close(a.y, b.y, t));
  BOOST_TEST(tensors_close(a.mean, b.mean, t));
  BOOST_TEST(tensors_close(a.variance, b.variance, t));
  BOOST_TEST(tensors_close(a.grad_x, b.grad_x, t));
  BOOST_TEST(tensors_close(a.grad_weight, b.grad_weight, t));
  BOOST_TEST(tensors_close(a.grad_bias, b.grad_bias, t));
  BOOST_TEST(tensors_close(a.evaluated, b.evaluated, t));
}

/// A batch normalization in double, with a loss that weighs its outputs.
struct InDouble {
  Shape shape;
  std::vector<double> x, weight, bias, grad_y, mean, variance, y;

  explicit InDouble(const Shape& s)
      : shape(s),
        x(test::random_doubles(element_count(s), 1)),
        weight(test::random_doubles(s[1], 2)),
        bias(test::random_doubles(s[1], 3)),
        grad_y(test::random_doubles(element_count(s), 4)),
        mean(weight.size()),
        variance(weight.size()),
        y(x.size()) {}

  template <typename T>
  reference::Array4<T> images(T* data) const {
    return reference::array4(data, shape[0], shape[1], shape[2], shape[3]);
  }

  /// Values of a channel.
  double count() const { return static_cast<double>(x.size() / weight.size()); }

  double loss() {
    std::vector<double> sum(mean.size()), squares(mean.size());
    reference::batch_norm_moments(sum.data(), squares.data(), images(std::as_const(x).data()), 0, shape[0]);
    for (std::size_t c = 0; c < mean.size(); ++c) {
      mean[c] = sum[c] / count();
      variance[c] = squares[c] / count() - mean[c] * mean[c];
    }
    reference::batch_norm(images(y.data()), images(std::as_const(x).data()), mean.data(), variance.data(),
                          weight.data(), bias.data(), 1e-2);
    return std::inner_product(y.begin(), y.end(), grad_y.begin(), 0.0);
  }
};

}  // namespace

BOOST_AUTO_TEST_CASE(reference_gradients_are_central_differences) {
  for (const Shape& s : {Shape{5, 3, 1, 1}, {2, 2, 3, 2}, {1, 2, 1, 4}, {2, 1, 1, 1}}) {
    InDouble b(s);
    b.loss();
    std::vector<double> grad_x(b.x.size()), grad_weight(b.weight.size()), grad_bias(b.bias.size());
    const auto x = b.images(std::as_const(b.x).data()), grad_y = b.images(std::as_const(b.grad_y).data());
    reference::batch_norm_gradient_sums(grad_bias.data(), grad_weight.data(), grad_y, x, b.mean.data(), 0,
                                        s[0]);
    reference::batch_norm_backward(b.images(grad_x.data()), grad_y, x, b.mean.data(), b.variance.data(),
                                   b.weight.data(), 1e-2, grad_bias.data(), grad_weight.data(),
                                   static_cast<Index>(b.count()));
    for (std::size_t c = 0; c < grad_weight.size(); ++c) grad_weight[c] /= std::sqrt(b.variance[c] + 1e-2);
    const auto loss = [&] { return b.loss(); };
    BOOST_TEST(test::is_gradient(b.x, grad_x, loss));
    BOOST_TEST(test::is_gradient(b.weight, grad_weight, loss));
    BOOST_TEST(test::is_gradient(b.bias, grad_bias, loss));
  }
}

BOOST_DATA_TEST_CASE(agrees_with_the_reference,
                     test::faster_backends() * boost::unit_test::data::make(shapes), backend, shape) {
  check_close(normalize_on(backend, shape), normalize_on("reference", shape), {1e-4, 2e-5});
}

BOOST_DATA_TEST_CASE(takes_a_range_of_channels, test::backends(), backend) {
  const BackendScope scope(backend);
  for (const Shape& shape : {Shape{3, 2, 16, 16}, Shape{4, 6, 3, 5}, Shape{2, 3, 1, 1}}) {
    const Tensor weight = test::on_device(test::random_tensor({shape[1]}, 3));
    const auto all = [&](const Tensor& x, const Tensor& grad_y, bool relu) {
      const ops::BatchNorm b = ops::batch_norm(x, weight, weight, 1e-5, {relu});
      const Normalization norm{b.mean, b.variance, weight, weight, 1e-5, {relu}};
      const ops::BatchNormGrads g = ops::batch_norm_backward(grad_y, x, norm);
      return Results{b.y, b.mean, b.variance, g.x, g.weight, g.bias, ops::normalize(x, norm)};
    };
    const Tensor x = test::random_slice(shape, 1), grad_y = test::random_slice(shape, 2);
    for (const bool relu : {false, true}) {
      const Results strided = all(test::on_device(x), test::on_device(grad_y), relu);
      check_close(strided, all(test::on_device(x.clone()), test::on_device(grad_y.clone()), relu), {});
      BOOST_TEST(strided.grad_x.is_dense());
    }
  }
}

BOOST_DATA_TEST_CASE(same_bits_with_any_threads, test::backends(), backend) {
  for (const Shape& shape : shapes) {
    const Results one = [&] {
      const test::ThreadScope threads(1);
      return normalize_on(backend, shape);
    }();
    for (const int count : {2, 3, 4}) {
      const test::ThreadScope threads(count);
      check_close(normalize_on(backend, shape), one, {});
    }
  }
}

BOOST_DATA_TEST_CASE(relu_in_the_same_pass, test::backends() * boost::unit_test::data::make(shapes), backend,
                     shape) {
  const BackendScope scope(backend);
  const Tensor x = test::on_device(test::random_tensor(shape, 1));
  const Tensor grad_y = test::on_device(test::random_tensor(shape, 2));
  const Tensor weight = test::on_device(test::random_tensor({shape[1]}, 3));
  const Tensor bias = test::on_device(test::random_tensor({shape[1]}, 4));
  const ops::BatchNorm plain = ops::batch_norm(x, weight, bias),
                       fused = ops::batch_norm(x, weight, bias, 1e-5, {.relu = true});
  const Tensor y = ops::relu(plain.y);
  BOOST_TEST(tensors_close(fused.y, y));
  Tensor inplace = x.clone();
  inplace =
      ops::normalize(std::move(inplace), {plain.mean, plain.variance, weight, bias, 1e-5, {.relu = true}});
  BOOST_TEST(tensors_close(inplace, y));

  const Normalization norm{plain.mean, plain.variance, weight, bias, 1e-5};
  const ops::BatchNormGrads expected = ops::batch_norm_backward(ops::relu_backward(grad_y, y), x, norm);
  const ops::BatchNormGrads g =
      ops::batch_norm_backward(grad_y, x, {plain.mean, plain.variance, weight, bias, 1e-5, {.relu = true}});
  BOOST_TEST(tensors_close(g.x, expected.x));
  BOOST_TEST(tensors_close(g.weight, expected.weight));
  BOOST_TEST(tensors_close(g.bias, expected.bias));
  const ops::BatchNormGrads reused = ops::batch_norm_backward(
      grad_y.clone(), x, {plain.mean, plain.variance, weight, bias, 1e-5, {.relu = true}});
  BOOST_TEST(tensors_close(reused.x, expected.x));
}

BOOST_DATA_TEST_CASE(a_large_mean_loses_no_digits, test::backends(), backend) {
  const BackendScope scope(backend);
  std::vector<float> values(2 * 8 * 8);
  for (std::size_t k = 0; k < values.size(); ++k) values[k] = 4096.0F + static_cast<float>(k % 4);
  const Tensor x = test::on_device(Tensor::from_values({2, 1, 8, 8}, values));
  const Tensor one = test::on_device(Tensor::from_values({1}, std::vector<float>{1}));
  const ops::BatchNorm b = ops::batch_norm(x, one, one);
  BOOST_TEST(b.mean.item() == 4097.5F);
  BOOST_TEST(b.variance.item() == 1.25F);
}

BOOST_DATA_TEST_CASE(running_averages, test::backends(), backend) {
  const BackendScope scope(backend);
  const auto vector = [](float a, float b) {
    return test::on_device(Tensor::from_values({2}, std::vector<float>{a, b}));
  };
  const Tensor x = test::on_device(Tensor::from_values({3, 2}, std::vector<float>{0, 4, 3, 4, 6, 1}));
  Tensor mean = vector(1, -2), variance = vector(8, 0);
  const RunningStatistics running{mean, variance, 0.25};
  ops::batch_norm(x, vector(1, 1), vector(0, 0), 1e-5, {}, &running);
  BOOST_TEST(tensors_close(mean, vector(1.5F, -0.75F)));
  BOOST_TEST(
      tensors_close(variance, vector(8.25F, 0.75F)));  // means of squares 6 and 2, of three values: times 3/2
  Tensor short_mean = test::on_device(Tensor::zeros({1}));
  const RunningStatistics wrong{short_mean, variance, 0.25};
  BOOST_CHECK_THROW(ops::batch_norm(x, vector(1, 1), vector(0, 0), 1e-5, {}, &wrong), ShapeError);
  BOOST_CHECK_THROW(ops::batch_norm(x.rows(0, 1), vector(1, 1), vector(0, 0), 1e-5, {}, &running),
                    ShapeError);
}

BOOST_AUTO_TEST_SUITE_END()
