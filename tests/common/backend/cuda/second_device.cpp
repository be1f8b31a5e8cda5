// SPDX-License-Identifier: MIT
// What lies on a second device is computed there, whichever device is the current one.
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <emulation/control.hpp>

#include "common/backend/cuda/device.hpp"
#include "common/ops/activation.hpp"
#include "common/ops/batch_norm.hpp"
#include "common/ops/conv2d.hpp"
#include "common/ops/elementwise.hpp"
#include "common/ops/linear.hpp"
#include "common/ops/pool2d.hpp"
#include "common/ops/softmax.hpp"
#include "tests/common/backend/cuda/device.hpp"
#include "tests/common/backend/cuda/kernel_scope.hpp"

using namespace cnn;
using namespace cnn::test;

BOOST_AUTO_TEST_SUITE(second_device)

namespace {

std::vector<Tensor> results(Device device) {
  const auto at = [&](const Shape& shape, std::uint64_t seed) {
    return random_tensor(shape, seed).to(device);
  };
  const Tensor x = at({3, 4, 8, 8}, 1), weight = at({6, 4, 3, 3}, 2), bias = at({6}, 3);
  const Tensor y = ops::conv2d(x, weight, &bias, {.padding = 1});
  const ops::Conv2dGrads grads = ops::conv2d_backward(y, x, weight, {.padding = 1});
  const ops::BatchNorm norm = ops::batch_norm(y, bias, bias);
  const ops::MaxPool2d pool = ops::max_pool2d(norm.y, {});
  const Tensor rows = at({5, 20}, 4), matrix = at({10, 20}, 5), grad_rows = at({5, 10}, 6);
  const ops::LinearGrads of_rows = ops::linear_backward(grad_rows, rows, matrix);
  ops::sgd_step_inplace({{matrix, of_rows.weight, {}}}, {0.1F, 0, 0});
  return {y,
          grads.x,
          grads.weight,
          grads.bias,
          norm.y,
          pool.y,
          ops::relu(y),
          of_rows.x,
          matrix,
          ops::softmax(grad_rows),
          pool.indices,
          ops::avg_pool2d(x, {})};
}

}  // namespace

BOOST_DATA_TEST_CASE(computes_what_is_there, boost::unit_test::data::make(cuda_kernel_names()), kernel) {
  emulation::set_device_count(2);
  const KernelScope choice(kernel);
  const std::vector<Tensor> first = results({DeviceType::cuda, 0}), second = results({DeviceType::cuda, 1});
  for (std::size_t k = 0; k < first.size(); ++k) {
    BOOST_TEST(second[k].device().index == 1);
    BOOST_TEST(tensors_close(second[k], first[k]), "result " << k);
  }
  BOOST_TEST(cuda::current_device() == 0);
  emulation::set_device_count(1);
}

BOOST_AUTO_TEST_SUITE_END()
