// SPDX-License-Identifier: MIT
#include "common/ops/conv2d.hpp"

#include <cmath>
#include <limits>
#include <ostream>

#include "common/ops/activation.hpp"
#include "tests/common/ops/helpers.hpp"

using namespace cnn;
using namespace cnn::test;

BOOST_AUTO_TEST_SUITE(conv2d)

namespace {

struct ConvCase {
  Index n, ic, oc;
  Size2d image, kernel;
  ConvGeometry geometry{};
  bool slice = false;  // x and grad_y are channels of larger tensors
};

std::ostream& operator<<(std::ostream& out, const ConvCase& c) {
  return out << c.n << " images " << c.ic << "x" << to_string(c.image) << ", " << c.oc << " kernels "
             << to_string(c.kernel) << ", stride " << to_string(c.geometry.stride) << ", padding "
             << to_string(c.geometry.padding) << (c.slice ? ", sliced" : "");
}

const std::vector<ConvCase> cases{
    {1, 1, 1, 1, 1},
    {2, 1, 6, 28, 5},
    {2, 3, 4, {7, 5}, {3, 2}},
    {3, 2, 5, 5, 5},                               // kernel = image
    {9, 4, 3, {6, 7}, 1},                          // 1x1
    {2, 2, 3, 9, 2, {.stride = 3}},                // stride > kernel
    {2, 2, 3, 8, 3, {.stride = 1, .padding = 1}},  //
    {2, 3, 2, {8, 9}, {3, 5}, {.stride = {3, 4}, .padding = {0, 1}}},
    {1, 2, 2, {5, 11}, {4, 3}, {.stride = {2, 1}, .padding = {3, 2}}},
    {2, 1, 2, {1, 9}, {1, 3}, {.stride = {1, 2}, .padding = {0, 1}}},
    {2, 2, 2, 2, 3, {.stride = 1, .padding = 4}},  // windows that lie in the padding altogether
    {17, 3, 8, 12, 3, {.stride = 2, .padding = 1}},
    {5, 3, 4, {7, 6}, {3, 3}, {.stride = 1, .padding = 1}, true},
    {4, 1, 1, 6, 2, {.stride = 2}, true},
};

struct ConvData {
  Tensor x, weight, bias, grad_y;

  explicit ConvData(const ConvCase& c) {
    const auto make = [&](const Shape& shape, std::uint64_t seed) {
      return on_device(c.slice ? random_slice(shape, seed) : random_tensor(shape, seed));
    };
    x = make({c.n, c.ic, c.image.h, c.image.w}, 1);
    weight = on_device(random_tensor({c.oc, c.ic, c.kernel.h, c.kernel.w}, 3));
    bias = on_device(random_tensor({c.oc}, 4));
    grad_y = make(ops::conv2d_output_shape(x.shape(), weight.shape(), c.geometry), 5);
  }
};

struct ConvResult {
  Tensor y, y_without_bias;
  ops::Conv2dGrads grads;
};

ConvResult conv2d_on(const std::string& backend, const ConvCase& c) {
  const BackendScope scope(backend);
  const ConvData d(c);
  return {ops::conv2d(d.x, d.weight, &d.bias, c.geometry), ops::conv2d(d.x, d.weight, nullptr, c.geometry),
          ops::conv2d_backward(d.grad_y, d.x, d.weight, c.geometry)};
}

/// The numbers of the PyTorch comparison: ((5 k + offset) mod modulus - modulus / 2) * scale.
Tensor pattern(const Shape& shape, int modulus, int offset, float scale) {
  std::vector<float> values(static_cast<std::size_t>(element_count(shape)));
  for (std::size_t k = 0; k < values.size(); ++k) {
    values[k] = static_cast<float>((static_cast<int>(k) * 5 + offset) % modulus - modulus / 2) * scale;
  }
  return on_device(Tensor::from_values(shape, values));
}

}  // namespace

BOOST_DATA_TEST_CASE(one_channel_by_hand, backends(),
                     backend) {  // the book's figure: 0 0 + 1 1 + 3 2 + 4 3 = 19
  const BackendScope scope(backend);
  const Tensor y = ops::conv2d(arange({1, 1, 3, 3}), arange({1, 1, 2, 2}), nullptr);
  BOOST_TEST(tensors_close(y, tensor({1, 1, 2, 2}, {19, 25, 37, 43})));
}

BOOST_DATA_TEST_CASE(an_edge_by_hand, backends(), backend) {
  const BackendScope scope(backend);
  const Tensor x = tensor({1, 1, 2, 8}, {1, 1, 0, 0, 0, 0, 1, 1, 1, 1, 0, 0, 0, 0, 1, 1});
  const Tensor y = ops::conv2d(x, tensor({1, 1, 1, 2}, {1, -1}), nullptr);
  BOOST_TEST(tensors_close(y, tensor({1, 1, 2, 7}, {0, 1, 0, 0, 0, -1, 0, 0, 1, 0, 0, 0, -1, 0})));
}

BOOST_DATA_TEST_CASE(two_channels_by_hand, backends(), backend) {
  const BackendScope scope(backend);
  const Tensor x = tensor({1, 2, 3, 3}, {0, 1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3, 4, 5, 6, 7, 8, 9});
  const Tensor weight =
      tensor({3, 2, 2, 2}, {0, 1, 2, 3, 1, 2, 3, 4, 1, 2, 3, 4, 2, 3, 4, 5, 2, 3, 4, 5, 3, 4, 5, 6});
  const Tensor y = ops::conv2d(x, weight, nullptr);
  BOOST_TEST(
      tensors_close(y, tensor({1, 3, 2, 2}, {56, 72, 104, 120, 76, 100, 148, 172, 96, 128, 192, 224})));
}

BOOST_DATA_TEST_CASE(padding_and_stride_by_hand, backends(), backend) {
  const BackendScope scope(backend);
  const Tensor weight = arange({1, 1, 2, 2});
  const Tensor padded = ops::conv2d(arange({1, 1, 3, 3}), weight, nullptr, {.padding = 1});
  BOOST_TEST(
      tensors_close(padded, tensor({1, 1, 4, 4}, {0, 3, 8, 4, 9, 19, 25, 10, 21, 37, 43, 16, 6, 7, 8, 0})));
  const Tensor strided = ops::conv2d(arange({1, 1, 3, 3}), weight, nullptr, {.stride = {3, 2}, .padding = 1});
  BOOST_TEST(tensors_close(strided, tensor({1, 1, 2, 2}, {0, 8, 6, 8})));
}

BOOST_DATA_TEST_CASE(bias_is_added_to_each_pixel_of_its_channel, backends(), backend) {
  const BackendScope scope(backend);
  const Tensor weight = on_device(Tensor::zeros({2, 1, 1, 1}));
  const Tensor bias = tensor({2}, {1, -2});
  const Tensor y = ops::conv2d(arange({2, 1, 1, 2}), weight, &bias);
  BOOST_TEST(tensors_close(y, tensor({2, 2, 1, 2}, {1, 1, -2, -2, 1, 1, -2, -2})));
}

BOOST_DATA_TEST_CASE(agrees_with_pytorch, backends(),
                     backend) {  // torch.nn.functional.conv2d and its backward
  const BackendScope scope(backend);
  const ConvGeometry geometry{.stride = {2, 1}, .padding = {1, 0}};
  const Tensor x = pattern({2, 2, 5, 4}, 7, 3, 0.25F);
  const Tensor weight = pattern({3, 2, 3, 2}, 5, 1, 0.5F);
  const Tensor bias = tensor({3}, {0.5F, -1, 2});
  const Tensor y = ops::conv2d(x, weight, &bias, geometry);
  BOOST_TEST(tensors_close(
      y, tensor({2, 3, 3, 3}, {1,     1.25F,   -0.25F, 1.75F,  0.375F,  -0.125F, 0.5F,  -0.125F, 1,
                               -0.5F, -0.25F,  -1.75F, 0.25F,  -1.125F, -1.625F, -1,    -1.625F, -0.5F,
                               2.5F,  2.75F,   1.25F,  3.25F,  1.875F,  1.375F,  2,     1.375F,  2.5F,
                               0.5F,  -0.125F, 1,      -0.75F, 0.5F,    1.75F,   0,     1.125F,  0.5F,
                               -1,    -1.625F, -0.5F,  -2.25F, -1,      0.25F,   -1.5F, -0.375F, -1,
                               2,     1.375F,  2.5F,   0.75F,  2,       3.25F,   1.5F,  2.625F,  2}),
      {.absolute = 1e-6}));
  const ops::Conv2dGrads grads =
      ops::conv2d_backward(pattern({2, 3, 3, 3}, 11, 2, 0.125F), x, weight, geometry);
  BOOST_TEST(tensors_close(
      grads.x,
      tensor(
          {2, 2, 5, 4},
          {0.375F,   -0.1875F, 0,       0.5625F, 0,        0.1875F,  0.5625F,  0.375F,   -0.375F, 0.375F,
           0.5625F,  -0.1875F, -0.125F, 0.625F,  0.3125F,  -0.4375F, 0.25F,    0.25F,    -0.25F,  -0.25F,
           0.375F,   -0.1875F, 0,       0.5625F, 0,        0.1875F,  0.5625F,  0.375F,   -0.375F, 0.375F,
           0.5625F,  -0.1875F, -0.125F, 0.625F,  0.3125F,  -0.4375F, 0.25F,    0.25F,    -0.25F,  -0.25F,
           -0.1875F, 0.0625F,  0.25F,   0,       -0.4375F, 0,        -0.3125F, -0.75F,   -0.25F,  -0.0625F,
           -0.5625F, -0.75F,   0.125F,  -0.25F,  -0.5625F, -0.1875F, 0.375F,   -0.1875F, 0,       0.5625F,
           -0.1875F, 0.0625F,  0.25F,   0,       -0.4375F, 0,        -0.3125F, -0.75F,   -0.25F,  -0.0625F,
           -0.5625F, -0.75F,   0.125F,  -0.25F,  -0.5625F, -0.1875F, 0.375F,   -0.1875F, 0,       0.5625F}),
      {.absolute = 1e-6}));
  BOOST_TEST(tensors_close(
      grads.weight, tensor({3, 2, 3, 2}, {0.34375F, -0.78125F, -0.84375F, 0.71875F,  -0.65625F, 0.65625F,
                                          -0.0625F, 0.34375F,  -0.875F,   -0.84375F, 1.3125F,   -0.65625F,
                                          1.28125F, -1.65625F, -2.375F,   0.53125F,  -1.09375F, 0.8125F,
                                          0.28125F, 1.28125F,  0.84375F,  -2.375F,   0.28125F,  -1.09375F,
                                          0.15625F, -1.5F,     -2.53125F, 1.71875F,  -1.53125F, 0.96875F,
                                          0.28125F, 0.15625F,  1.53125F,  -2.53125F, -0.75F,    -1.53125F}),
      {.absolute = 1e-6}));
  BOOST_TEST(tensors_close(grads.bias, tensor({3}, {0.375F, -0.125F, -0.625F}), {.absolute = 1e-6}));
}

BOOST_DATA_TEST_CASE(matches_the_reference, faster_backends() * boost::unit_test::data::make(cases), backend,
                     c) {
  const Tolerance close{.relative = 1e-5, .absolute = 1e-5};
  const ConvResult fast = conv2d_on(backend, c);
  const ConvResult slow = conv2d_on("reference", c);
  BOOST_TEST(tensors_close(fast.y, slow.y, close));
  BOOST_TEST(tensors_close(fast.y_without_bias, slow.y_without_bias, close));
  BOOST_TEST(tensors_close(fast.grads.x, slow.grads.x, close));
  BOOST_TEST(tensors_close(fast.grads.weight, slow.grads.weight, {.relative = 1e-5, .absolute = 1e-4}));
  BOOST_TEST(tensors_close(fast.grads.bias, slow.grads.bias, close));
}

BOOST_DATA_TEST_CASE(relu_in_the_same_pass, backends() * boost::unit_test::data::make(cases), backend, c) {
  const BackendScope scope(backend);
  const ConvData d(c);
  for (const Tensor* bias : {static_cast<const Tensor*>(nullptr), static_cast<const Tensor*>(&d.bias)}) {
    const Tensor expected = ops::relu(ops::conv2d(d.x, d.weight, bias, c.geometry));
    BOOST_TEST(tensors_close(ops::conv2d(d.x, d.weight, bias, c.geometry, {.relu = true}), expected));
  }
}

BOOST_DATA_TEST_CASE(inputs_stay_untouched, backends(), backend) {
  const BackendScope scope(backend);
  const ConvCase c{3, 2, 4, 6, 3, {.stride = 1, .padding = 1}};
  const ConvData d(c), before(c);
  ops::conv2d(d.x, d.weight, &d.bias, c.geometry);
  ops::conv2d_backward(d.grad_y, d.x, d.weight, c.geometry);
  BOOST_TEST(tensors_close(d.x, before.x));
  BOOST_TEST(tensors_close(d.weight, before.weight));
  BOOST_TEST(tensors_close(d.bias, before.bias));
  BOOST_TEST(tensors_close(d.grad_y, before.grad_y));
}

BOOST_DATA_TEST_CASE(given_gradients_are_overwritten, backends(), backend) {
  const BackendScope scope(backend);
  const ConvCase c{2, 2, 3, 5, 3};
  const ConvData d(c);
  const ops::Conv2dGrads expected = ops::conv2d_backward(d.grad_y, d.x, d.weight);
  Tensor weight = on_device(random_tensor(d.weight.shape(), 8));
  Tensor bias = on_device(random_tensor(d.bias.shape(), 9));
  ops::conv2d_backward_weight_into(weight, &bias, d.grad_y, d.x);
  BOOST_TEST(tensors_close(weight, expected.weight));
  BOOST_TEST(tensors_close(bias, expected.bias));
  ops::conv2d_backward_weight_into(weight, nullptr, d.grad_y, d.x);
  BOOST_TEST(tensors_close(weight, expected.weight));
}

BOOST_DATA_TEST_CASE(an_empty_batch, backends(), backend) {
  const BackendScope scope(backend);
  const Tensor weight = on_device(random_tensor({3, 2, 3, 3}, 1));
  const Tensor x = on_device(Tensor::empty({0, 2, 5, 5}));
  const Tensor y = ops::conv2d(x, weight, nullptr);
  BOOST_TEST(to_string(y.shape()) == "[0, 3, 3, 3]");
  const ops::Conv2dGrads grads = ops::conv2d_backward(y, x, weight);
  BOOST_TEST(to_string(grads.x.shape()) == "[0, 2, 5, 5]");
  BOOST_TEST(tensors_close(grads.weight, Tensor::zeros({3, 2, 3, 3})));
  BOOST_TEST(tensors_close(grads.bias, Tensor::zeros({3})));
}

BOOST_DATA_TEST_CASE(nan_reaches_the_windows_that_hold_it, backends(), backend) {
  const BackendScope scope(backend);
  Tensor x = Tensor::zeros({1, 1, 3, 3});
  x.values()[0] = std::numeric_limits<float>::quiet_NaN();
  const Tensor y = ops::conv2d(on_device(x), on_device(Tensor::zeros({1, 1, 2, 2})), nullptr).to({});
  BOOST_TEST(std::isnan(y.values()[0]));
  BOOST_TEST(y.values()[3] == 0);
  const Tensor not_negative =
      ops::conv2d(on_device(x), on_device(Tensor::zeros({1, 1, 2, 2})), nullptr, {}, {.relu = true}).to({});
  BOOST_TEST(std::isnan(not_negative.values()[0]));
}

BOOST_AUTO_TEST_SUITE_END()
