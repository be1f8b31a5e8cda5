// SPDX-License-Identifier: MIT
// What lies on a second device is computed there, whichever device is the current one.
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <emulation/control.hpp>

#include <array>

#include "common/backend/cuda/device.hpp"
#include "common/data/data_loader.hpp"
#include "common/ops/activation.hpp"
#include "common/ops/batch_norm.hpp"
#include "common/ops/conv2d.hpp"
#include "common/ops/dropout.hpp"
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

/// What a step does besides: backward passes, a loss, a mask and the optimizer.
std::vector<Tensor> more_results(const Tensor& y, const ops::BatchNorm& norm, const ops::MaxPool2d& pool,
                                 const Tensor& line) {
  const Device device = y.device();
  const ops::BatchNormGrads of_norm =
      ops::batch_norm_backward(y, y, {norm.mean, norm.variance, line, line, 1e-5});
  const Tensor logits = pool.y.clone().reshape({3, -1}),
               labels = Tensor::from_labels({3}, std::array<std::int64_t, 3>{1, 0, 5}, device);
  const ops::CrossEntropy loss = ops::softmax_cross_entropy(logits, labels);
  Rng rng(7);
  const Tensor mask = ops::dropout_mask(y.shape(), 0.5, rng, device);
  Tensor sum = y.clone(), value = line.clone(), mean = line.clone(),
         square = Tensor::zeros(line.shape(), device);
  ops::add_scaled_inplace(sum, norm.y, 0.5F);
  ops::adam_step_inplace({{value, line, mean, square}}, {0.01, 0.9, 0.999, 1e-8, 0.1, 1});
  return {of_norm.x,
          of_norm.weight,
          of_norm.bias,
          ops::max_pool2d_backward(pool.y, pool.indices, y.shape(), {}),
          ops::avg_pool2d_backward(pool.y, y.shape(), {}),
          ops::relu_backward(y, norm.y),
          ops::sigmoid(y),
          ops::sigmoid_backward(y, norm.y),
          loss.losses,
          loss.correct,
          loss.grad,
          mask,
          ops::dropout(y, mask, 0.5),
          sum,
          value,
          mean,
          square};
}

/// Images and labels that a loader brings to a device, or leaves on the host.
std::vector<Tensor> loaded(Device device) {
  data::Dataset set{Tensor::empty({7, 9, 9}, {}, DType::u8), Tensor::empty({7}, {}, DType::i64)};
  for (Index i = 0; i < set.images.size(); ++i) set.images.pixels()[i] = static_cast<std::uint8_t>(13 * i);
  for (Index i = 0; i < 7; ++i) set.labels.labels()[i] = i;
  Rng rng(1);
  data::DataLoader loader(set, {.batch_size = 2, .image_size = 12, .device = device}, rng);
  std::vector<Tensor> all;
  for (const data::Batch& batch : loader) {
    all.push_back(batch.images);
    all.push_back(batch.labels);
  }
  return all;
}

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
  std::vector<Tensor> all{y,
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
  for (const Tensor& result : more_results(y, norm, pool, bias)) all.push_back(result);
  return all;
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

BOOST_AUTO_TEST_CASE(gets_batches) {
  emulation::set_device_count(2);
  const std::vector<Tensor> host = loaded({}), second = loaded({DeviceType::cuda, 1});
  BOOST_TEST_REQUIRE(second.size() == host.size());
  for (std::size_t k = 0; k < host.size(); ++k) {
    BOOST_TEST((second[k].device() == Device{DeviceType::cuda, 1}));
    BOOST_TEST(tensors_close(second[k], host[k]), "result " << k);
  }
  BOOST_TEST(cuda::current_device() == 0);
  emulation::set_device_count(1);
}

BOOST_AUTO_TEST_SUITE_END()
