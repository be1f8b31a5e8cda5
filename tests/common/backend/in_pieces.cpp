// SPDX-License-Identifier: MIT
// Prologue, epilogue and added gradients are what the operations give one after the other.
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "common/ops/activation.hpp"
#include "common/ops/batch_norm.hpp"
#include "common/ops/conv2d.hpp"
#include "common/ops/elementwise.hpp"
#include "common/ops/linear.hpp"
#include "common/ops/pool2d.hpp"
#include "tests/support/backends.hpp"
#include "tests/support/close.hpp"
#include "tests/support/random_tensor.hpp"

using namespace cnn;
using namespace cnn::test;

BOOST_AUTO_TEST_SUITE(in_pieces)

namespace {

Tensor random(const Shape& shape, std::uint64_t seed) { return on_device(random_tensor(shape, seed)); }

/// scale[c] * x + shift[c], then max(0, ...) if asked for, number by number.
Tensor line_by_hand(const Tensor& x, const ChannelLine& line, bool relu) {
  Tensor y = x.clone().to({});
  const Tensor scale = line.scale.to({}), shift = line.shift.to({});
  const Index channels = y.shape()[1], pixels = y.size() / (y.shape()[0] * channels);
  for (Index k = 0; k < y.size(); ++k) {
    const Index c = k / pixels % channels;
    const float value = y.data()[k] * scale.data()[c] + shift.data()[c];
    y.data()[k] = relu ? std::max(value, 0.0F) : value;
  }
  return on_device(y);
}

Tensor sum(const Tensor& a, const Tensor& b) {
  Tensor total = a.clone();
  ops::add_scaled_inplace(total, b);
  return total;
}

}  // namespace

BOOST_DATA_TEST_CASE(epilogues, backends() * boost::unit_test::data::make({false, true}), backend, relu) {
  const BackendScope scope(backend);
  const Tensor scale = random({5}, 1), shift = random({5}, 2), bias = random({5}, 3);
  const ChannelLine line{scale, shift};
  const auto check = [&](const auto& layer, const Tensor& residual) {
    const auto end = [&](const Tensor& y) { return relu ? ops::relu(y) : y; };
    const Tensor plain = layer(Epilogue{}), scaled = line_by_hand(plain, line, false);
    BOOST_TEST(tensors_close(layer({relu}), end(plain)));
    BOOST_TEST(tensors_close(layer({relu, &line}), end(scaled)));
    BOOST_TEST(tensors_close(layer({relu, nullptr, &residual}), end(sum(plain, residual))));
    BOOST_TEST(tensors_close(layer({relu, &line, &residual}), end(sum(scaled, residual))));
  };
  const Tensor x = random({3, 4, 7, 6}, 4), kernels = random({5, 4, 3, 3}, 5);
  const Tensor rows = random({3, 8}, 6), matrix = random({5, 8}, 7);
  const auto conv = [&](const Epilogue& e) { return ops::conv2d(x, kernels, &bias, {.padding = 1}, e); };
  const auto linear = [&](const Epilogue& e) { return ops::linear(rows, matrix, &bias, e); };
  check(conv, random({3, 5, 7, 6}, 8));
  check(conv, on_device(random_slice({3, 5, 7, 6}, 9)));
  check(linear, random({3, 5}, 10));
}

BOOST_DATA_TEST_CASE(prologues, backends() * boost::unit_test::data::make({false, true}), backend, relu) {
  const BackendScope scope(backend);
  const Tensor scale = random({4}, 1), shift = random({4}, 2), kernels = random({5, 4, 3, 3}, 3);
  const Prologue prologue{{scale, shift}, relu};
  for (const Tensor& x : {random({3, 4, 7, 6}, 4), on_device(random_slice({3, 4, 7, 6}, 5))}) {
    const Tensor before = x.clone();
    const Tensor y = ops::conv2d(x, kernels, nullptr, {.padding = 1}, {}, &prologue);
    BOOST_TEST(tensors_close(
        y, ops::conv2d(line_by_hand(x, prologue.line, relu), kernels, nullptr, {.padding = 1})));
    BOOST_TEST(tensors_close(x, before));  // the input stays what it is
  }
}

BOOST_DATA_TEST_CASE(gradients_that_are_added, backends(), backend) {
  const BackendScope scope(backend);
  const Tensor x = random({3, 4, 8, 6}, 1);
  const auto check = [&](const Tensor& gradient, const auto& write_into) {
    for (const bool strided : {false, true}) {
      const Tensor former = strided ? on_device(random_slice(x.shape(), 2)) : random(x.shape(), 2);
      Tensor overwritten = former, added = strided ? on_device(random_slice(x.shape(), 2)) : former.clone();
      const Tensor expected = sum(former, gradient);
      write_into(added, Write::adds);
      BOOST_TEST(tensors_close(added, expected));
      write_into(overwritten, Write::overwrites);
      BOOST_TEST(tensors_close(overwritten, gradient));
    }
  };
  const Tensor kernels = random({5, 4, 3, 3}, 3), grad_y = random({3, 5, 6, 4}, 4);
  check(ops::conv2d_backward_input(grad_y, x.shape(), kernels), [&](Tensor& grad_x, Write write) {
    ops::conv2d_backward_input_into(grad_x, grad_y, kernels, {}, write);
  });
  const Pool2dOptions halves{};
  const ops::MaxPool2d pooled = ops::max_pool2d(x, halves);
  const Tensor grad_pooled = random(pooled.y.shape(), 5);
  check(ops::max_pool2d_backward(grad_pooled, pooled.indices, x.shape(), halves),
        [&](Tensor& grad_x, Write write) {
          ops::max_pool2d_backward_into(grad_x, grad_pooled, pooled.indices, halves, write);
        });
  check(ops::avg_pool2d_backward(grad_pooled, x.shape(), halves), [&](Tensor& grad_x, Write write) {
    ops::avg_pool2d_backward_into(grad_x, grad_pooled, halves, write);
  });
  const Tensor weight = random({4}, 6), bias = random({4}, 7), grad_normalized = random(x.shape(), 8);
  const ops::BatchNorm b = ops::batch_norm(x, weight, bias);
  const Normalization norm{b.mean, b.variance, weight, bias, 1e-5};
  const ops::BatchNormGrads whole = ops::batch_norm_backward(grad_normalized, x, norm);
  check(whole.x, [&](Tensor& grad_x, Write write) {
    ops::BatchNormGrads grads{grad_x, whole.weight.clone(), whole.bias.clone()};
    ops::batch_norm_backward_into(grads, grad_normalized, x, norm, {}, write);
  });
}

BOOST_AUTO_TEST_CASE(what_does_not_fit) {
  const BackendScope scope("reference");
  const Tensor x = Tensor::zeros({2, 4, 5, 5}), kernels = Tensor::zeros({3, 4, 3, 3}),
               three = Tensor::zeros({3}), four = Tensor::zeros({4}), rows = Tensor::zeros({2, 3});
  const ChannelLine of_three{three, three}, of_four{four, four}, mixed{three, four};
  const Prologue good{of_four}, bad{of_three};
  BOOST_CHECK_NO_THROW(ops::conv2d(x, kernels, nullptr, {}, {.line = &of_three}, &good));
  BOOST_CHECK_THROW(ops::conv2d(x, kernels, nullptr, {}, {.line = &of_four}), ShapeError);
  BOOST_CHECK_THROW(ops::conv2d(x, kernels, nullptr, {}, {.line = &mixed}), ShapeError);
  BOOST_CHECK_THROW(ops::conv2d(x, kernels, nullptr, {}, {}, &bad), ShapeError);
  BOOST_CHECK_THROW(ops::conv2d(x, kernels, nullptr, {}, {.residual = &x}), ShapeError);
  BOOST_CHECK_THROW(ops::linear(rows, Tensor::zeros({4, 3}), nullptr, {.residual = &rows}), ShapeError);
  Tensor y = rows.clone();
  BOOST_CHECK_THROW(ops::add_scaled_inplace(y, rows, 1, {.residual = &rows}), UsageError);
  BOOST_CHECK_THROW(ops::normalize(rows, {three, three, three, three, 1, {.line = &of_three}}), UsageError);
}

BOOST_AUTO_TEST_SUITE_END()
