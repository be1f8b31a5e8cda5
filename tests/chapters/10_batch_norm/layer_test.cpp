// SPDX-License-Identifier: MIT

// The layer written by hand, against its contract and against the library's layer.

#include "chapters/10_batch_norm/batch_norm.hpp"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <cmath>

#include "tests/support/backends.hpp"
#include "tests/support/check_module.hpp"
#include "tests/support/close.hpp"
#include "tests/support/random_tensor.hpp"

namespace {

using namespace cnn;
using batch_norm::BatchNorm;
using test::on_device;
using test::tensors_close;

BOOST_AUTO_TEST_SUITE(layer)

constexpr test::Tolerance near{1e-5, 1e-6};

/// A batch whose channels differ, with statistics far from 0 and 1.
Tensor batch(const Shape& shape, std::uint64_t seed) {
  Tensor x = test::random_tensor(shape, seed);
  for (float& value : x.values()) value = 3 * value + static_cast<float>(seed);
  return on_device(x);
}

/// \return a parameter or buffer as [c]
Tensor flat(const Tensor& x) { return x.reshape({x.size()}); }

/// The same scale and shift in a layer of either kind.
void set_scale_and_shift(nn::Module& layer) {
  for (std::uint64_t k = 0; k < 2; ++k) {
    Tensor& value = layer.named_parameters()[k].parameter->value;
    value.copy_from(test::random_tensor(value.shape(), 40 + k));
  }
}

void check_alike(nn::Module&& own, nn::Module&& library, const Shape& shape) {
  for (nn::Module* layer : {&own, &library}) {
    set_scale_and_shift(*layer);
    layer->to(default_device());
  }
  for (std::uint64_t k = 1; k <= 3; ++k) {
    const Tensor x = batch(shape, k);
    const Tensor grad_y = on_device(test::random_tensor(shape, 10 + k));
    BOOST_TEST(tensors_close(own.forward(x), library.forward(x), near));
    BOOST_TEST(tensors_close(own.backward(grad_y), library.backward(grad_y), near));
  }
  for (std::size_t k = 0; k < 2; ++k) {
    const Tensor& grad = own.named_parameters()[k].parameter->grad;
    BOOST_TEST(tensors_close(flat(grad), library.named_parameters()[k].parameter->grad, near));
  }
}

std::vector<float> numbers(const Tensor& x) { return test::ModuleContract::host(x); }

BOOST_DATA_TEST_CASE(keeps_the_contract, test::backends(), backend) {
  test::check_module(backend, BatchNorm{3, 4}, {2, 3, 4, 4}, true);
  test::check_module(backend, BatchNorm{2, 4}, {3, 2, 1, 5}, true);
  test::check_module(backend, BatchNorm{4, 2}, {16, 4}, true);
}

BOOST_DATA_TEST_CASE(is_the_library_s_layer_in_training, test::backends(), backend) {
  const BackendScope scope(backend);
  check_alike(BatchNorm{5, 4}, nn::BatchNorm2d{5}, {4, 5, 3, 2});
  check_alike(BatchNorm{7, 2}, nn::BatchNorm1d{7}, {9, 7});
}

BOOST_DATA_TEST_CASE(keeps_other_moving_averages_than_the_library, test::backends(), backend) {
  const BackendScope scope(backend);
  BatchNorm own{3, 4};
  nn::BatchNorm2d library{3};
  for (nn::Module* layer : {static_cast<nn::Module*>(&own), static_cast<nn::Module*>(&library)})
    layer->to(default_device());
  constexpr int batches = 4;
  for (std::uint64_t k = 1; k <= batches; ++k) {
    own.forward(batch({2, 3, 2, 2}, k));
    library.forward(batch({2, 3, 2, 2}, k));
  }
  const auto buffers = own.named_buffers();
  BOOST_TEST(tensors_close(flat(buffers[0].buffer->value), library.running_mean().to({}), near));
  const std::vector<float> moving = numbers(buffers[1].buffer->value);
  const std::vector<float> running = numbers(library.running_var());
  const double start = std::pow(0.9, batches);  // what is left of the 1 the library started with
  for (std::size_t c = 0; c < 3; ++c)
    BOOST_TEST(std::abs(start + 8.0 / 7.0 * moving[c] - running[c]) < 1e-5 * running[c]);
}

BOOST_AUTO_TEST_CASE(evaluates_with_the_moving_averages) {
  const BackendScope scope("reference");
  BatchNorm layer{1, 2};
  layer.forward(Tensor::from_values({2, 1}, std::vector<float>{2, 6}));  // mean 4, variance 4
  BOOST_TEST(std::abs(layer.named_buffers()[0].buffer->value.item() - 0.4) < 1e-6);
  BOOST_TEST(std::abs(layer.named_buffers()[1].buffer->value.item() - 0.4) < 1e-6);
  layer.train(false);
  const Tensor y = layer.forward(Tensor::from_values({1, 1}, std::vector<float>{2}));
  BOOST_TEST(std::abs(y.item() - 1.6 / std::sqrt(0.4 + 1e-5)) < 1e-5);
  BOOST_TEST(std::abs(layer.named_buffers()[0].buffer->value.item() - 0.4) < 1e-6);
}

BOOST_AUTO_TEST_CASE(starts_as_the_book_s_class) {
  BatchNorm images{2, 4};
  BatchNorm rows{2, 2};
  BOOST_TEST(to_string(images.named_parameters()[0].parameter->value.shape()) == "[1, 2, 1, 1]");
  BOOST_TEST(to_string(rows.named_parameters()[0].parameter->value.shape()) == "[1, 2]");
  BOOST_TEST(numbers(images.named_parameters()[0].parameter->value) == (std::vector<float>{1, 1}));
  BOOST_TEST(numbers(images.named_parameters()[1].parameter->value) == (std::vector<float>{0, 0}));
  BOOST_TEST(numbers(images.named_buffers()[0].buffer->value) == (std::vector<float>{0, 0}));
  BOOST_TEST(numbers(images.named_buffers()[1].buffer->value) == (std::vector<float>{0, 0}));
}

BOOST_AUTO_TEST_CASE(normalizes_each_channel) {
  const Tensor x = batch({8, 3, 4, 4}, 5).to({});
  const Tensor x_hat = batch_norm::normalize(x, batch_norm::batch_statistics(x), 0);
  const batch_norm::Statistics statistics = batch_norm::batch_statistics(x_hat);
  for (const float mean : statistics.mean.values()) BOOST_TEST(std::abs(mean) < 1e-6F);
  for (const float variance : statistics.variance.values()) BOOST_TEST(std::abs(variance - 1) < 1e-5F);
}

BOOST_AUTO_TEST_CASE(what_does_not_fit_is_refused) {
  const BackendScope scope("reference");
  BOOST_CHECK_THROW((BatchNorm{0, 4}), ShapeError);
  BOOST_CHECK_THROW((BatchNorm{3, 3}), ShapeError);
  BOOST_CHECK_THROW((BatchNorm{3, 2}.forward(Tensor::zeros({2, 3, 2, 2}))), ShapeError);
  BOOST_CHECK_EXCEPTION(
      (BatchNorm{3, 4}.forward(Tensor::zeros({2, 4, 2, 2}))), ShapeError, [](const ShapeError& e) {
        return std::string(e.what()) == "[BatchNorm] expects [n, 3, h, w], x is [2, 4, 2, 2]";
      });
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
