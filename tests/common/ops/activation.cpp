// SPDX-License-Identifier: MIT
#include "common/ops/activation.hpp"

#include <cmath>
#include <limits>

#include "tests/common/ops/helpers.hpp"

using namespace cnn;
using namespace cnn::test;

BOOST_AUTO_TEST_SUITE(activation)

namespace {

constexpr float quiet_nan = std::numeric_limits<float>::quiet_NaN();
constexpr float infinity = std::numeric_limits<float>::infinity();

}  // namespace

BOOST_DATA_TEST_CASE(sigmoid_agrees_with_pytorch, backends(), backend) {
  const BackendScope scope(backend);
  const Tensor x = tensor({2, 4}, {-100, -5, -1, 0, 0.5F, 3, 20, 100});
  const Tensor expected =
      tensor({2, 4}, {0, 0.00669285096F, 0.268941432F, 0.5F, 0.622459352F, 0.952574134F, 1, 1});
  BOOST_TEST(tensors_close(ops::sigmoid(x), expected, {.relative = 1e-6, .absolute = 1e-30}));
}

BOOST_DATA_TEST_CASE(sigmoid_of_the_extremes, backends(), backend) {
  const BackendScope scope(backend);
  const Tensor y = ops::sigmoid(tensor({3}, {-infinity, infinity, quiet_nan})).to({});
  BOOST_TEST(y.values()[0] == 0);
  BOOST_TEST(y.values()[1] == 1);
  BOOST_TEST(std::isnan(y.values()[2]));
}

BOOST_DATA_TEST_CASE(sigmoid_backward_by_hand, backends(), backend) {
  const BackendScope scope(backend);
  const Tensor y = tensor({4}, {0, 0.25F, 0.5F, 1}), grad_y = tensor({4}, {5, 2, -4, 3});
  BOOST_TEST(tensors_close(ops::sigmoid_backward(grad_y, y), tensor({4}, {0, 0.375F, -1, 0})));
}

BOOST_DATA_TEST_CASE(relu_by_hand, backends(), backend) {
  const BackendScope scope(backend);
  const Tensor x = tensor({5}, {-2, -0.0F, 0, 0.5F, quiet_nan});
  const Tensor y = ops::relu(x);
  BOOST_TEST(tensors_close(y, tensor({5}, {0, 0, 0, 0.5F, quiet_nan})));
  const Tensor grad_x = ops::relu_backward(tensor({5}, {1, 2, 3, 4, 5}), y);
  BOOST_TEST(tensors_close(grad_x, tensor({5}, {0, 0, 0, 4, 5})));
}

BOOST_DATA_TEST_CASE(in_place_is_the_same, backends(), backend) {
  const BackendScope scope(backend);
  const Tensor x = on_device(random_tensor({7, 13}, 1));
  for (const auto operation : {ops::sigmoid, ops::relu}) {
    Tensor own = x.clone();
    const std::byte* const place = own.bytes();
    const Tensor y = operation(std::move(own));
    BOOST_TEST(y.bytes() == place);
    BOOST_TEST(tensors_close(y, operation(x)));
  }
  BOOST_TEST(tensors_close(x, random_tensor({7, 13}, 1)));
}

BOOST_DATA_TEST_CASE(a_gradient_that_nobody_holds_is_overwritten, backends(), backend) {
  const BackendScope scope(backend);
  const Tensor grad_y = on_device(random_tensor({7, 13}, 1)), y = on_device(random_tensor({7, 13}, 2));
  for (const auto backward : {ops::sigmoid_backward, ops::relu_backward}) {
    const Tensor expected = backward(grad_y, y);
    BOOST_TEST(!expected.shares_storage_with(grad_y));
    Tensor own = grad_y.clone();
    const std::byte* const place = own.bytes();
    const Tensor grad_x = backward(std::move(own), y);
    BOOST_TEST(grad_x.bytes() == place);
    BOOST_TEST(tensors_close(grad_x, expected));
  }
  BOOST_TEST(tensors_close(grad_y, random_tensor({7, 13}, 1)));
}

BOOST_DATA_TEST_CASE(matches_the_reference,
                     faster_backends() * boost::unit_test::data::make({1, 3, 64, 16384, 40001}), backend,
                     count) {
  const auto run = [&](const std::string& name) {
    const BackendScope scope(name);
    Tensor x = random_tensor({count}, 1);
    for (float& value : x.values()) value *= 20;
    const Tensor grad_y = on_device(random_tensor({count}, 2));
    const Tensor s = ops::sigmoid(on_device(x)), r = ops::relu(on_device(x));
    return std::vector<Tensor>{s, ops::sigmoid_backward(grad_y, s), r, ops::relu_backward(grad_y, r)};
  };
  const std::vector<Tensor> fast = run(backend), slow = run("reference");
  BOOST_TEST(tensors_close(fast[0], slow[0], {.relative = 2e-6}));
  BOOST_TEST(tensors_close(fast[1], slow[1], {.relative = 1e-5, .absolute = 1e-6}));
  BOOST_TEST(tensors_close(fast[2], slow[2]));
  BOOST_TEST(tensors_close(fast[3], slow[3]));
}

BOOST_DATA_TEST_CASE(takes_a_range_of_channels, backends(), backend) {
  const BackendScope scope(backend);
  const Shape shape{5, 3, 7, 2};
  const Tensor x = on_device(random_slice(shape, 1)), y = on_device(random_slice(shape, 2));
  for (const auto operation : {ops::sigmoid, ops::relu})
    BOOST_TEST(tensors_close(operation(x), operation(x.clone()), {.relative = 1e-6}));
  for (const auto operation : {ops::sigmoid_backward, ops::relu_backward}) {
    const Tensor grad_x = operation(x, y);
    BOOST_TEST(tensors_close(grad_x, operation(x.clone(), y.clone()), {.relative = 1e-6}));
    BOOST_TEST(grad_x.is_dense());
  }
}

BOOST_DATA_TEST_CASE(nothing_to_do, backends(), backend) {
  const BackendScope scope(backend);
  const Tensor x = on_device(Tensor::empty({0, 3}));
  BOOST_TEST(ops::sigmoid_backward(ops::sigmoid(x), x).size() == 0);
  BOOST_TEST(ops::relu_backward(ops::relu(x), x).size() == 0);
}

BOOST_DATA_TEST_CASE(tensors_that_do_not_fit, backends(), backend) {
  const BackendScope scope(backend);
  BOOST_CHECK_EXCEPTION(ops::sigmoid_backward(arange({2, 3}), arange({3, 2})), ShapeError,
                        says({"[activation_backward] grad_y must be [3, 2], it is [2, 3]"}));
  BOOST_CHECK_THROW(ops::relu_backward(arange({2}), arange({3})), ShapeError);
  BOOST_CHECK_THROW(ops::sigmoid(Tensor{}), StateError);
}

BOOST_AUTO_TEST_SUITE_END()
