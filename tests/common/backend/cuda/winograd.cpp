// SPDX-License-Identifier: MIT
// Rounding errors of the kernel winograd, beside sums in double.
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

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

void check(const Tensor& some, const std::vector<double>& exact) {
  const Tensor host = some.to({});
  const Rounding error = reference::rounding(host.values(), exact);
  BOOST_TEST_CONTEXT(error) {
    BOOST_TEST(error.rms <= bound.rms);
    BOOST_TEST(error.max <= bound.max);
    BOOST_TEST(error.rms > 0);
  }
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
}

BOOST_AUTO_TEST_SUITE_END()
