// SPDX-License-Identifier: MIT
// Every layer keeps the contract of nn::Module on every rung.
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "common/nn/activation.hpp"
#include "common/nn/conv2d.hpp"
#include "common/nn/flatten.hpp"
#include "common/nn/identity.hpp"
#include "common/nn/linear.hpp"
#include "common/nn/pool2d.hpp"
#include "tests/support/backends.hpp"
#include "tests/support/check_module.hpp"

using namespace cnn;
using cnn::test::check_module;

BOOST_AUTO_TEST_SUITE(layers)

BOOST_DATA_TEST_CASE(conv2d, test::backends(), backend) {
  Rng rng(1);
  check_module(backend, nn::Conv2d{1, 2, {.kernel = 3}, rng}, {2, 1, 5, 4});
  check_module(backend, nn::Conv2d{3, 2, {.kernel = {3, 2}, .stride = {2, 1}, .padding = {1, 0}}, rng},
               {2, 3, 4, 5});
  check_module(backend, nn::Conv2d{2, 3, {}, rng}, {1, 2, 3, 3});
  check_module(backend, nn::Conv2d{2, 1, {.kernel = 3, .padding = 1, .bias = false}, rng}, {1, 2, 3, 3});
  check_module(backend, nn::Conv2d{1, 2, {.kernel = 4, .stride = 3, .padding = 2}, rng}, {1, 1, 5, 5});
}

BOOST_DATA_TEST_CASE(linear, test::backends(), backend) {
  Rng rng(1);
  check_module(backend, nn::Linear{5, 3, rng}, {4, 5});
  check_module(backend, nn::Linear{1, 1, rng}, {1, 1});
  check_module(backend, nn::Linear{4, 2, rng, {.bias = false}}, {3, 4});
}

BOOST_DATA_TEST_CASE(max_pool2d, test::backends(), backend) {
  check_module(backend, nn::MaxPool2d{{.kernel = 2, .stride = 2}}, {2, 2, 4, 6});
  check_module(backend, nn::MaxPool2d{{.kernel = 3, .stride = 2, .padding = 1}}, {1, 2, 5, 5});
  check_module(backend, nn::MaxPool2d{{.kernel = {2, 3}, .stride = 1}}, {1, 1, 3, 4});
}

BOOST_DATA_TEST_CASE(avg_pool2d, test::backends(), backend) {
  check_module(backend, nn::AvgPool2d{{.kernel = 2, .stride = 2}}, {2, 2, 4, 6});
  check_module(backend, nn::AvgPool2d{{.kernel = 3, .stride = 2, .padding = 1}}, {1, 2, 5, 5});
  check_module(backend, nn::AvgPool2d{{.kernel = {2, 3}, .stride = 1}}, {1, 1, 3, 4});
}

BOOST_DATA_TEST_CASE(sigmoid, test::backends(), backend) {
  check_module(backend, nn::Sigmoid{}, {2, 3, 2, 2});
  check_module(backend, nn::Sigmoid{}, {7});
}

BOOST_DATA_TEST_CASE(relu, test::backends(), backend) {
  check_module(backend, nn::ReLU{}, {2, 3, 2, 2});
  check_module(backend, nn::ReLU{}, {7});
}

BOOST_DATA_TEST_CASE(flatten, test::backends(), backend) {
  check_module(backend, nn::Flatten{}, {2, 3, 2, 2});
  check_module(backend, nn::Flatten{}, {3, 4});
}

BOOST_DATA_TEST_CASE(identity, test::backends(), backend) {
  check_module(backend, nn::Identity{}, {2, 3, 2, 2});
}

BOOST_AUTO_TEST_CASE(a_message_names_the_layer) {
  nn::Sigmoid sigmoid;
  BOOST_CHECK_EXCEPTION(sigmoid.backward(Tensor::zeros({1})), StateError, [](const StateError& e) {
    return std::string(e.what()).starts_with("[Sigmoid] backward() has no forward()");
  });
}

BOOST_AUTO_TEST_CASE(works_in_place_for_a_sole_owner_only) {
  nn::ReLU relu;
  Tensor x = Tensor::from_values({2}, std::vector<float>{-1, 2});
  BOOST_TEST(!relu.forward(x).shares_storage_with(x));
  BOOST_TEST(x.values()[0] == -1.0F);
  const float* const place = x.data();
  const Tensor y = relu.forward(std::move(x));
  BOOST_TEST(y.data() == place);
  BOOST_TEST(y.values()[0] == 0.0F);
}

BOOST_AUTO_TEST_CASE(a_first_convolution_may_skip_the_gradient_of_its_input) {
  Rng rng(1);
  nn::Conv2d conv{1, 1, {.kernel = 2}, rng};
  conv.set_input_grad_needed(false);
  const Tensor y = conv.forward(Tensor::zeros({1, 1, 3, 3}));
  BOOST_TEST(!conv.backward(y).defined());
  BOOST_TEST(conv.weight().grad.defined());
}

BOOST_AUTO_TEST_CASE(flatten_takes_a_range_of_channels) {
  const Tensor x = Tensor::from_values({2, 2, 1, 2}, std::vector<float>{1, 2, 3, 4, 5, 6, 7, 8});
  nn::Flatten flatten;
  const std::vector<float> expected{3, 4, 7, 8};
  BOOST_TEST(test::ModuleContract::host(flatten.forward(x.channels(1, 1))) == expected,
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(impossible_sizes_are_refused) {
  Rng rng(1);
  BOOST_CHECK_THROW((nn::Conv2d{0, 2, {.kernel = 3}, rng}), ShapeError);
  BOOST_CHECK_THROW((nn::Conv2d{1, 2, {.kernel = 0}, rng}), ShapeError);
  BOOST_CHECK_THROW((nn::Conv2d{1, 2, {.kernel = 3, .stride = 0}, rng}), ShapeError);
  BOOST_CHECK_THROW((nn::Conv2d{1, 2, {.kernel = 3, .padding = -1}, rng}), ShapeError);
  BOOST_CHECK_THROW((nn::Linear{3, -1, rng}), ShapeError);
  BOOST_CHECK_THROW(nn::MaxPool2d({.kernel = 2, .stride = 0}), ShapeError);
  BOOST_CHECK_THROW(nn::AvgPool2d({.kernel = {2, 0}}), ShapeError);
}

BOOST_AUTO_TEST_CASE(misfits_are_refused) {
  Rng rng(1);
  nn::Linear linear{4, 2, rng};
  BOOST_CHECK_THROW(linear.forward(Tensor::zeros({2, 5})), ShapeError);
  BOOST_CHECK_EXCEPTION(linear.output_shape({2, 1, 2, 2}), ShapeError, [](const ShapeError& e) {
    return std::string(e.what()).find("put a Flatten before it") != std::string::npos;
  });
  nn::Conv2d conv{3, 2, {.kernel = 3}, rng};
  BOOST_CHECK_THROW(conv.forward(Tensor::zeros({1, 2, 5, 5})), ShapeError);
  BOOST_CHECK_THROW(conv.output_shape({1, 3, 2, 2}), ShapeError);
  BOOST_CHECK_THROW(conv.cost({1, 3, 2, 2}), ShapeError);
}

BOOST_AUTO_TEST_CASE(spec_lists_the_options) {
  Rng rng(1);
  const nn::Spec spec = nn::Conv2d{3, 2, {.kernel = {3, 5}, .stride = 2, .bias = false}, rng}.spec();
  BOOST_TEST(spec.kind == "Conv2d");
  std::string text;
  for (const auto& [name, value] : spec.options) text += name + "=" + value + " ";
  BOOST_TEST(text == "in_channels=3 out_channels=2 kernel=3x5 stride=2x2 padding=0x0 bias=false ");
}

BOOST_AUTO_TEST_SUITE_END()
