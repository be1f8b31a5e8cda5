// SPDX-License-Identifier: MIT
// Rounding errors of the kernel winograd, beside sums in double; and its gradients of weights, beside the loops.
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cmath>
#include <span>

#include "common/backend/reference/rounding.hpp"
#include "common/ops/conv2d.hpp"
#include "tests/common/backend/cuda/device.hpp"
#include "tests/common/backend/cuda/kernel_scope.hpp"

using namespace cnn;
using namespace cnn::test;
using reference::Rounding;

BOOST_AUTO_TEST_SUITE(winograd)

namespace {

struct Layer {
  Shape x, weight;
};

const std::vector<Layer> layers{
    {{2, 16, 28, 28}, {32, 16, 3, 3}}, {{1, 64, 12, 12}, {24, 64, 3, 3}}, {{1, 12, 12, 12}, {140, 12, 3, 3}}};
const ConvGeometry padded{.padding = 1};

/// Half more than the largest errors of ten tries with 140 channels, rms 2.8e-6 and max 1.1e-5, which is at the corner (3, 3) of a
/// tile: A^T multiplies by 8 there, twice. Plain sums in float have rms 6e-7, max 1.5e-6.
constexpr Rounding bound{4.2e-6, 1.7e-5};
/// Of gradients of weights ten tries have rms 1.7e-6 and max 4.4e-6, plain sums 1.5e-7 and 2.1e-7. Both grow with the pixels.
constexpr Rounding weight_bound{2.6e-6, 6.6e-6};

void check(const Tensor& some, const std::vector<double>& exact, const Rounding& most = bound) {
  const Tensor host = some.to({});
  const Rounding error = reference::rounding(host.values(), exact);
  BOOST_TEST_CONTEXT(error) {
    BOOST_TEST(error.rms <= most.rms);
    BOOST_TEST(error.max <= most.max);
    BOOST_TEST(error.rms > 0);
  }
}

/// A layer whose gradients are made.
struct Gradients {
  const char* what;
  Shape x;
  Index oc;
  ConvGeometry geometry;
};

std::ostream& operator<<(std::ostream& out, const Gradients& g) { return out << g.what; }

const std::vector<Gradients> gradients{{"one image without padding", {1, 5, 9, 7}, 3, {}},
                                       {"one image", {1, 13, 6, 11}, 9, {.padding = 1}},
                                       {"whole tiles", {2, 16, 8, 8}, 32, {.padding = 1}},
                                       {"wide padding", {3, 8, 5, 5}, 20, {.padding = 2}},
                                       {"two paddings", {9, 3, 4, 13}, 33, {.padding = {0, 2}}},
                                       {"more padding than kernels reach", {2, 4, 5, 6}, 7, {.padding = 4}},
                                       {"one pixel", {17, 33, 3, 3}, 17, {}},
                                       {"in two parts", {1, 228, 4, 4}, 130, {.padding = 1}}};

/// Gradients of weight and bias, of images that are ranges of channels.
std::vector<Tensor> gradients_on(const std::string& rung, const Gradients& g) {
  const BackendScope scope(rung);
  const Tensor x = on_device(random_slice(g.x, 1)), weight = random({g.oc, g.x[1], 3, 3}, 2);
  const Tensor grad_y = on_device(random_slice(ops::conv2d(x, weight, nullptr, g.geometry).shape(), 3));
  Tensor grad_weight = random(weight.shape(), 4), grad_bias = random({g.oc}, 5), alone = weight.clone();
  ops::conv2d_backward_weight_into(grad_weight, &grad_bias, grad_y, x, g.geometry);
  ops::conv2d_backward_weight_into(alone, nullptr, grad_y, x, g.geometry);
  return {grad_weight, grad_bias, alone};
}

}  // namespace

BOOST_DATA_TEST_CASE(rounds_little, boost::unit_test::data::xrange(layers.size()), k) {
  const BackendScope rung("cuda");
  const KernelScope choice("winograd");
  const Tensor x = random_tensor(layers[k].x, 1), weight = random_tensor(layers[k].weight, 2);
  const Tensor y = ops::conv2d(on_device(x), on_device(weight), nullptr, padded);
  check(y, reference::exact_conv2d(y.to({}), x, weight, nullptr, padded));
  const Tensor grad_y = random_tensor(y.shape(), 7);
  std::vector<double> grad_x = reference::in_double(x);
  const std::vector<double> exact_grad = reference::in_double(grad_y), kernels = reference::in_double(weight);
  reference::conv2d_backward_input<double>(reference::array(grad_x, x), reference::array(exact_grad, grad_y),
                                           reference::array(kernels, weight), padded);
  check(ops::conv2d_backward_input(on_device(grad_y), x.shape(), on_device(weight), padded), grad_x);
  std::vector<double> grad_weight = reference::in_double(weight);
  const std::vector<double> images = reference::in_double(x);
  reference::conv2d_backward_weight<double>(reference::array(grad_weight, weight),
                                            reference::array(exact_grad, grad_y), reference::array(images, x),
                                            padded, Shards::all(x.shape()[0]));
  check(ops::conv2d_backward(on_device(grad_y), on_device(x), on_device(weight), padded).weight, grad_weight,
        weight_bound);
}

BOOST_DATA_TEST_CASE(makes_gradients_of_weights, boost::unit_test::data::make(gradients), layer) {
  const KernelScope choice("winograd");
  const std::vector<Tensor> some = gradients_on("cuda", layer), loops = gradients_on("reference", layer);
  for (std::size_t k = 0; k < loops.size(); ++k) {
    const std::span<const float> values = loops[k].values();
    const float largest = std::abs(std::ranges::max(values, {}, [](float v) { return std::abs(v); }));
    BOOST_TEST(tensors_close(some[k], loops[k], {.absolute = 2.3e-5 * double{largest}}), "result " << k);
  }
  const std::vector<Tensor> again = gradients_on("cuda", layer);
  for (std::size_t k = 0; k < loops.size(); ++k) BOOST_TEST(tensors_close(again[k], some[k]));
  BOOST_TEST(tensors_close(some[2], some[0]));
  const KernelScope plain("vectors");
  BOOST_TEST(!tensors_close(gradients_on("cuda", layer)[0], some[0]));  // it was winograd
}

BOOST_AUTO_TEST_SUITE_END()
