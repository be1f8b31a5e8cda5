// SPDX-License-Identifier: MIT
// The choice of the rung, and that no rung's results depend on the number of threads.
#include <type_traits>

#include "common/core/device_memory.hpp"
#include "common/ops/activation.hpp"
#include "common/ops/batch_norm.hpp"
#include "common/ops/conv2d.hpp"
#include "common/ops/dropout.hpp"
#include "common/ops/elementwise.hpp"
#include "common/ops/linear.hpp"
#include "common/ops/merge.hpp"
#include "common/ops/pool2d.hpp"
#include "common/ops/softmax.hpp"
#include "tests/support/backends.hpp"
#include "tests/support/close.hpp"
#include "tests/support/random_tensor.hpp"

using namespace cnn;
using namespace cnn::test;

BOOST_AUTO_TEST_SUITE(rungs)

namespace {

/// A backend without operations: the compiler makes none of it.
struct EmptyBackend : Backend {
  std::string name() const override { return "empty"; }
};
static_assert(std::is_abstract_v<EmptyBackend>);

Tensor random(const Shape& shape, std::uint64_t seed) { return on_device(random_tensor(shape, seed)); }

/// Every operation once, on sizes that are cut into several pieces.
std::vector<Tensor> all_results() {
  std::vector<Tensor> all;
  const Tensor x = random({33, 3, 13, 12}, 1), weight = random({5, 3, 4, 3}, 2), bias = random({5}, 3);
  const ConvGeometry geometry{.stride = {2, 1}, .padding = 1};
  all.push_back(ops::conv2d(x, weight, &bias, geometry));
  const ops::Conv2dGrads conv = ops::conv2d_backward(random(all[0].shape(), 4), x, weight, geometry);
  all.insert(all.end(), {conv.x, conv.weight, conv.bias});
  const Tensor rows = random({67, 50}, 5), matrix = random({40, 50}, 6);
  all.push_back(ops::linear(rows, matrix, nullptr));
  const ops::LinearGrads linear = ops::linear_backward(random({67, 40}, 7), rows, matrix);
  all.insert(all.end(), {linear.x, linear.weight, linear.bias});
  const ops::MaxPool2d maximum = ops::max_pool2d(x, {});
  all.insert(all.end(), {maximum.y, maximum.indices,
                         ops::max_pool2d_backward(maximum.y, maximum.indices, x.shape(), {})});
  all.push_back(ops::avg_pool2d(x, {}));
  all.push_back(ops::avg_pool2d_backward(maximum.y, x.shape(), {}));
  const Tensor long_one = random({40003}, 8);
  all.insert(all.end(), {ops::sigmoid(long_one), ops::relu(long_one)});
  all.push_back(ops::sigmoid_backward(long_one, ops::sigmoid(long_one)));
  all.push_back(ops::relu_backward(long_one, ops::relu(long_one)));
  const Tensor labels = on_device(Tensor::zeros({67}, {}, DType::i64));
  const ops::CrossEntropy loss = ops::softmax_cross_entropy(rows, labels);
  all.insert(all.end(), {ops::softmax(rows), loss.losses, loss.correct, loss.grad});
  Tensor value = random({40003}, 9), mean = on_device(Tensor::zeros({40003})), square = mean.clone();
  ops::adam_step_inplace({{value, long_one, mean, square}}, {0.01, 0.9, 0.999, 1e-8, 0.1, 1});
  ops::sgd_step_inplace({{value, long_one, mean}}, {0.1F, 0.9F, 0.1F});
  ops::add_scaled_inplace(value, long_one, 0.5F);
  all.insert(all.end(), {value, mean, square});
  return all;
}

}  // namespace

BOOST_AUTO_TEST_CASE(the_lowest_comes_first) {
  BOOST_TEST(backend_names().front() == "reference");
#if defined(XTENSOR_USE_XSIMD)
  BOOST_TEST(backend_names().size() >= 2U);
#endif
}

BOOST_AUTO_TEST_CASE(a_scope_puts_the_former_one_back) {
  const std::string before = backend_for(default_device()).name();
  {
    const BackendScope scope("reference");
    BOOST_TEST(backend_for(default_device()).name() == "reference");
  }
  BOOST_TEST(backend_for(default_device()).name() == before);
}

BOOST_AUTO_TEST_CASE(unknown_names_are_refused) {
  const std::string before = backend_for(default_device()).name();
  BOOST_CHECK_THROW(use_backend("magic"), UsageError);
  BOOST_TEST(backend_for(default_device()).name() == before);
}

BOOST_AUTO_TEST_CASE(the_device_decides_and_the_choice_picks_the_rung) {
  for (const std::string& name : backend_names()) {
    const BackendScope scope(name);
    BOOST_TEST(backend_for(default_device()).name() == name);
    if (default_device() == Device{}) continue;
    BOOST_TEST(backend_for({}).name() != name);  // the CPU's tensors stay with a rung of the CPU
  }
  if (device_memory::device_count() == 0) BOOST_CHECK_THROW(backend_for({DeviceType::cuda}), DeviceError);
}

BOOST_AUTO_TEST_CASE(the_default_device_is_never_an_emulated_one) {
  const bool real = device_memory::device_count() > 0 && !device_memory::is_emulated(0);
  BOOST_TEST((default_device().type == DeviceType::cuda) == real);
}

BOOST_AUTO_TEST_CASE(arguments_on_different_devices) {
  const Device meta{DeviceType::meta};
  const auto refused = [](const DeviceError& error) {
    const std::string text = error.what();
    return text.find("on cpu") != text.npos && text.find("on meta") != text.npos;
  };
  const Tensor x = Tensor::zeros({2, 3, 4, 4}), rows = Tensor::zeros({2, 3}), channels = Tensor::zeros({3});
  const Tensor weight = Tensor::zeros({5, 3, 2, 2}), matrix = Tensor::zeros({5, 3});
  const Tensor labels = Tensor::zeros({2}, {}, DType::i64);
  Tensor written = rows.clone();
  const auto check = [&](const auto& operation) { BOOST_CHECK_EXCEPTION(operation(), DeviceError, refused); };
  check([&] { ops::conv2d(x, weight.to(meta), nullptr); });
  check([&] { ops::conv2d_backward(Tensor::zeros({2, 5, 3, 3}, meta), x, weight); });
  check([&] { ops::linear(rows.to(meta), matrix, nullptr); });
  check([&] { ops::linear_backward(Tensor::zeros({2, 5}), rows, matrix.to(meta)); });
  check([&] { ops::max_pool2d_backward(x, ops::max_pool2d(x, {}).indices.to(meta), x.shape(), {}); });
  check([&] { ops::batch_norm(x, channels, channels.to(meta), 1e-5); });
  check([&] { ops::relu_backward(rows, rows.to(meta)); });
  check([&] { ops::sigmoid_backward(rows.to(meta), rows); });
  check([&] { ops::softmax_cross_entropy(rows, labels.to(meta)); });
  check([&] { ops::dropout(rows, Tensor::zeros({2, 3}, meta, DType::u8), 0.5); });
  check([&] { ops::add_scaled_inplace(written, rows.to(meta)); });
  check([&] { ops::sgd_step_inplace({{written, rows.to(meta)}}, {}); });
  check([&] { ops::sgd_step_inplace({{rows, rows}, {rows.to(meta), rows.to(meta)}}, {}); });
  check([&] { ops::concat_channels(std::vector{x, x.to(meta)}); });
}

BOOST_DATA_TEST_CASE(results_do_not_depend_on_threads, backends(), backend) {
  const BackendScope scope(backend);
  std::vector<Tensor> one;
  for (const int count : {1, 2, 4}) {
    const ThreadScope threads(count);
    const std::vector<Tensor> results = all_results();
    if (count == 1) one = results;
    for (std::size_t k = 0; k < one.size(); ++k) {
      BOOST_TEST(tensors_close(results[k], one[k]), "operation " << k << " with " << count << " threads");
    }
  }
}

BOOST_DATA_TEST_CASE(outputs_may_be_channels_of_a_larger_tensor, backends(), backend) {
  const BackendScope scope(backend);
  const Tensor x = random({4, 2, 5, 5}, 1), weight = random({3, 2, 2, 2}, 2);
  Tensor whole = on_device(Tensor::zeros({4, 5, 4, 4}));
  Tensor slice = whole.channels(1, 3);
  backend_for(default_device()).conv2d(slice, x, {weight, nullptr}, {});
  BOOST_TEST(tensors_close(slice, ops::conv2d(x, weight, nullptr)));
  BOOST_TEST(tensors_close(whole.channels(0, 1), Tensor::zeros({4, 1, 4, 4})));
  BOOST_TEST(tensors_close(whole.channels(4, 1), Tensor::zeros({4, 1, 4, 4})));
}

BOOST_AUTO_TEST_SUITE_END()
