// SPDX-License-Identifier: MIT
#include "common/ops/linear.hpp"

#include <ostream>

#include "common/ops/activation.hpp"
#include "tests/common/ops/helpers.hpp"

using namespace cnn;
using namespace cnn::test;

BOOST_AUTO_TEST_SUITE(linear)

namespace {

struct LinearCase {
  Index n, in, out;
};

std::ostream& operator<<(std::ostream& out, const LinearCase& c) {
  return out << c.n << " rows, " << c.in << " -> " << c.out;
}

const std::vector<LinearCase> cases{{1, 1, 1},   {1, 7, 3},      {5, 1, 4},    {4, 9, 1},     {16, 16, 16},
                                    {17, 5, 33}, {64, 256, 120}, {37, 84, 10}, {200, 3, 150}, {3, 400, 129}};

struct LinearData {
  Tensor x, weight, bias, grad_y;

  explicit LinearData(const LinearCase& c)
      : x(on_device(random_tensor({c.n, c.in}, 1))),
        weight(on_device(random_tensor({c.out, c.in}, 2))),
        bias(on_device(random_tensor({c.out}, 3))),
        grad_y(on_device(random_tensor({c.n, c.out}, 4))) {}
};

struct LinearResult {
  Tensor y, y_without_bias;
  ops::LinearGrads grads;
};

LinearResult linear_on(const std::string& backend, const LinearCase& c) {
  const BackendScope scope(backend);
  const LinearData d(c);
  return {ops::linear(d.x, d.weight, &d.bias), ops::linear(d.x, d.weight, nullptr),
          ops::linear_backward(d.grad_y, d.x, d.weight)};
}

}  // namespace

BOOST_DATA_TEST_CASE(by_hand, backends(), backend) {
  const BackendScope scope(backend);
  const Tensor x = tensor({2, 3}, {1, 2, 3, 4, 5, 6}), weight = tensor({2, 3}, {1, 0, -1, 2, 1, 0});
  const Tensor bias = tensor({2}, {10, 20}), grad_y = tensor({2, 2}, {1, 2, 3, 4});
  BOOST_TEST(tensors_close(ops::linear(x, weight, &bias), tensor({2, 2}, {8, 24, 8, 33})));
  BOOST_TEST(tensors_close(ops::linear(x, weight, nullptr), tensor({2, 2}, {-2, 4, -2, 13})));
  const ops::LinearGrads grads = ops::linear_backward(grad_y, x, weight);
  BOOST_TEST(tensors_close(grads.x, tensor({2, 3}, {5, 2, -1, 11, 4, -3})));
  BOOST_TEST(tensors_close(grads.weight, tensor({2, 3}, {13, 17, 21, 18, 24, 30})));
  BOOST_TEST(tensors_close(grads.bias, tensor({2}, {4, 6})));
}

BOOST_DATA_TEST_CASE(matches_the_reference, faster_backends() * boost::unit_test::data::make(cases), backend,
                     c) {
  const Tolerance close{.relative = 1e-5, .absolute = 1e-5};
  const LinearResult fast = linear_on(backend, c);
  const LinearResult slow = linear_on("reference", c);
  BOOST_TEST(tensors_close(fast.y, slow.y, close));
  BOOST_TEST(tensors_close(fast.y_without_bias, slow.y_without_bias, close));
  BOOST_TEST(tensors_close(fast.grads.x, slow.grads.x, close));
  BOOST_TEST(tensors_close(fast.grads.weight, slow.grads.weight, close));
  BOOST_TEST(tensors_close(fast.grads.bias, slow.grads.bias, close));
}

BOOST_DATA_TEST_CASE(relu_in_the_same_pass, backends() * boost::unit_test::data::make(cases), backend, c) {
  const BackendScope scope(backend);
  const LinearData d(c);
  for (const Tensor* bias : {static_cast<const Tensor*>(nullptr), static_cast<const Tensor*>(&d.bias)}) {
    const Tensor expected = ops::relu(ops::linear(d.x, d.weight, bias));
    BOOST_TEST(tensors_close(ops::linear(d.x, d.weight, bias, {.relu = true}), expected));
  }
}

BOOST_DATA_TEST_CASE(inputs_stay_untouched_and_outputs_are_overwritten, backends(), backend) {
  const BackendScope scope(backend);
  const LinearData d({5, 4, 3}), before({5, 4, 3});
  ops::linear(d.x, d.weight, &d.bias);
  const ops::LinearGrads grads = ops::linear_backward(d.grad_y, d.x, d.weight);
  BOOST_TEST(tensors_close(d.x, before.x));
  BOOST_TEST(tensors_close(d.weight, before.weight));
  BOOST_TEST(tensors_close(d.bias, before.bias));
  BOOST_TEST(tensors_close(d.grad_y, before.grad_y));
  Tensor weight = on_device(random_tensor({3, 4}, 8)), bias = on_device(random_tensor({3}, 9));
  ops::linear_backward_weight_into(weight, &bias, d.grad_y, d.x);
  BOOST_TEST(tensors_close(weight, grads.weight));
  BOOST_TEST(tensors_close(bias, grads.bias));
}

BOOST_DATA_TEST_CASE(the_input_may_be_the_weight, backends(), backend) {  // one memory, two roles
  const BackendScope scope(backend);
  const Tensor a = arange({4, 4});
  const Tensor y =
      ops::linear(a.rows(0, 2), a, nullptr);  // the first two rows times the transpose of all four
  BOOST_TEST(tensors_close(y, tensor({2, 4}, {14, 38, 62, 86, 38, 126, 214, 302})));
}

BOOST_DATA_TEST_CASE(an_empty_batch, backends(), backend) {
  const BackendScope scope(backend);
  const Tensor weight = on_device(random_tensor({3, 2}, 1)), x = on_device(Tensor::empty({0, 2}));
  const Tensor y = ops::linear(x, weight, nullptr);
  BOOST_TEST(to_string(y.shape()) == "[0, 3]");
  const ops::LinearGrads grads = ops::linear_backward(y, x, weight);
  BOOST_TEST(to_string(grads.x.shape()) == "[0, 2]");
  BOOST_TEST(tensors_close(grads.weight, Tensor::zeros({3, 2})));
  BOOST_TEST(tensors_close(grads.bias, Tensor::zeros({3})));
}

BOOST_DATA_TEST_CASE(tensors_that_do_not_fit, backends(), backend) {
  const BackendScope scope(backend);
  const Tensor x = arange({2, 3}), weight = arange({4, 5}), bias = arange({3});
  BOOST_CHECK_EXCEPTION(ops::linear(x, weight, nullptr), ShapeError,
                        says({"[linear] weight expects 5 features, x has 3 (x = [2, 3], weight = [4, 5])"}));
  BOOST_CHECK_EXCEPTION(ops::linear(arange({2, 5}), weight, &bias), ShapeError,
                        says({"[linear] bias must be [4], it is [3]"}));
  BOOST_CHECK_EXCEPTION(ops::linear(arange({2, 1, 5}), weight, nullptr), ShapeError,
                        says({"[2, 1, 5]", "reshape"}));
  BOOST_CHECK_THROW(ops::linear(arange({2, 5}), arange({20}), nullptr), ShapeError);
  BOOST_CHECK_THROW(ops::linear_backward(arange({2, 5}), arange({2, 5}), weight), ShapeError);
  BOOST_CHECK_EXCEPTION(ops::linear_backward(arange({2, 4}), arange({3, 5}), weight), ShapeError,
                        says({"different numbers of rows"}));
  BOOST_CHECK_THROW(ops::linear(Tensor{}, weight, nullptr), StateError);
  BOOST_CHECK_THROW(ops::linear(arange({2, 6}).channels(0, 5), weight, nullptr), StateError);
  BOOST_CHECK_THROW(ops::linear(arange({2, 0}), arange({4, 0}), nullptr), ShapeError);
}

BOOST_AUTO_TEST_SUITE_END()
