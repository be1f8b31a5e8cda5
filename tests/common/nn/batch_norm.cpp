// SPDX-License-Identifier: MIT
// Numbers named "pytorch" are what torch.nn.BatchNorm1d and 2d of PyTorch 2.15 give for the same inputs, which random_tensor()
// shares with torch.manual_seed(seed); torch.empty(shape).uniform_(-1, 1).
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "common/nn/activation.hpp"
#include "common/nn/batch_norm.hpp"
#include "common/nn/conv2d.hpp"
#include "common/nn/flatten.hpp"
#include "common/nn/linear.hpp"
#include "common/nn/sequential.hpp"
#include "common/nn/summary.hpp"
#include "tests/support/backends.hpp"
#include "tests/support/check_module.hpp"
#include "tests/support/close.hpp"
#include "tests/support/random_tensor.hpp"

using namespace cnn;
using test::check_module;
using test::on_device;
using test::tensors_close;

BOOST_AUTO_TEST_SUITE(batch_norm)

namespace {

constexpr test::Tolerance near{1e-5, 1e-6};

Tensor values(const Shape& shape, const std::vector<float>& v) { return Tensor::from_values(shape, v); }

/// scale * U(-1, 1) + shift
Tensor numbers(const Shape& shape, std::uint64_t seed, float scale, float shift) {
  Tensor x = test::random_tensor(shape, seed);
  for (float& value : x.values()) value = value * scale + shift;
  return on_device(x);
}

std::int64_t batches(nn::Module& module) { return *module.named_buffers().back().buffer->value.labels(); }

}  // namespace

BOOST_DATA_TEST_CASE(keeps_the_contract, test::backends(), backend) {
  Rng rng(1);
  check_module(backend, nn::BatchNorm2d{3}, {2, 3, 4, 4}, true);
  check_module(backend, nn::BatchNorm2d{2, {.epsilon = 0.1, .momentum = 0.5}}, {3, 2, 4, 4}, true);
  check_module(backend, nn::BatchNorm1d{4}, {16, 4}, true);
  check_module(backend,
               nn::Sequential{nn::Conv2d{1, 2, {.kernel = 3, .padding = 1}, rng}, nn::BatchNorm2d{2},
                              nn::Sigmoid{}, nn::Flatten{}, nn::Linear{32, 3, rng}},
               {4, 1, 4, 4}, true);
}

BOOST_DATA_TEST_CASE(three_batches_of_images_as_in_pytorch, test::backends(), backend) {
  const BackendScope scope(backend);
  nn::BatchNorm2d layer{3};
  const auto parameters = layer.named_parameters();
  parameters[0].parameter->value = test::random_tensor({3}, 1);
  parameters[1].parameter->value = test::random_tensor({3}, 2);
  layer.to(default_device());
  Tensor x, y, grad_x;
  for (int k = 0; k < 3; ++k) {
    layer.zero_grad();
    x = numbers({2, 3, 2, 2}, static_cast<std::uint64_t>(10 + k), static_cast<float>(k + 1),
                static_cast<float>(k));
    y = layer.forward(x);
    grad_x = layer.backward(numbers({2, 3, 2, 2}, static_cast<std::uint64_t>(20 + k), 1, 0));
  }
  const std::vector<float> pytorch_y{0.26345858F,  -0.439980835F, 0.22429882F,   0.630171478F, -0.138523906F,
                                     0.275785863F, -0.47506842F,  0.106677644F,  0.122251965F, 0.128113672F,
                                     0.478508532F, 0.146604881F,  0.61776197F,   0.765218496F, 0.535865903F,
                                     -0.76167357F, -0.978100121F, -0.779735506F, 0.278122753F, -0.192952678F,
                                     0.169890821F, 0.574849367F,  0.506597281F,  0.0670132115F};
  const std::vector<float> pytorch_grad_x{
      -0.0612791814F, -0.0395867452F, -0.134854764F,   -0.254506767F,  -0.0232208353F, 0.189869881F,
      -0.155443624F,  -0.0467921905F, -0.0272169579F,  -0.0142416712F, -0.0355197564F, 0.000184798439F,
      -0.0117450003F, -0.13568975F,   0.605859637F,    0.0318023711F,  0.120285094F,   -0.0700752884F,
      -0.136380449F,  0.121757433F,   -0.00302107586F, 0.0507326089F,  -0.0192861389F, 0.0483681969F};
  BOOST_TEST(tensors_close(y, values({2, 3, 2, 2}, pytorch_y), near));
  BOOST_TEST(tensors_close(grad_x, values({2, 3, 2, 2}, pytorch_grad_x), near));
  BOOST_TEST(
      tensors_close(layer.weight().grad, values({3}, {-3.69265628F, 0.490400702F, 0.917466342F}), near));
  BOOST_TEST(tensors_close(layer.bias().grad, values({3}, {-0.927540064F, 1.87704551F, 2.40776253F}), near));
  BOOST_TEST(
      tensors_close(layer.running_mean(), values({3}, {0.269803673F, 0.298193216F, 0.333821237F}), {1e-6}));
  BOOST_TEST(
      tensors_close(layer.running_var(), values({3}, {0.983124316F, 1.23174119F, 1.15735197F}), {1e-6}));
  BOOST_TEST(batches(layer) == 3);

  layer.train(false);
  const Tensor first = layer.forward(x).clone().to({});
  BOOST_TEST(test::is_close(first.data()[0], 1.02152503, near));
  BOOST_TEST(test::is_close(first.data()[7], -0.299289823, near));
  BOOST_TEST(test::is_close(first.data()[23], -0.365161866, near));
  BOOST_TEST(batches(layer) == 3);
}

BOOST_DATA_TEST_CASE(rows_as_in_pytorch, test::backends(), backend) {
  const BackendScope scope(backend);
  nn::BatchNorm1d layer{2, {.epsilon = 1e-3, .momentum = 0.3}};
  layer.to(default_device());
  const Tensor y = layer.forward(numbers({4, 2}, 30, 2, 1));
  const Tensor grad_x = layer.backward(numbers({4, 2}, 31, 1, 0));
  BOOST_TEST(tensors_close(y,
                           values({4, 2}, {0.854733765F, -0.117988944F, -1.60791886F, 1.29629099F,
                                           -0.0662119836F, 0.299865693F, 0.819396198F, -1.47816849F}),
                           near));
  BOOST_TEST(tensors_close(grad_x,
                           values({4, 2}, {-0.466573179F, -0.355544537F, 0.130151048F, 0.0504893251F,
                                           -0.377103001F, 0.194717988F, 0.713525295F, 0.11033722F}),
                           near));
  BOOST_TEST(tensors_close(layer.weight().grad, values({2}, {0.528596282F, 0.12592344F}), near));
  BOOST_TEST(tensors_close(layer.running_mean(), values({2}, {0.602162361F, 0.608390272F}), {1e-6}));
  BOOST_TEST(tensors_close(layer.running_var(), values({2}, {0.893935263F, 0.751536608F}), {1e-6}));
}

BOOST_AUTO_TEST_CASE(starts_as_in_pytorch) {
  nn::Sequential net{{"bn", nn::BatchNorm2d{2}}};
  std::string names;
  for (const auto& p : net.named_parameters()) names += p.name + " ";
  for (const auto& b : net.named_buffers()) names += b.name + " ";
  BOOST_TEST(names == "bn.weight bn.bias bn.running_mean bn.running_var bn.num_batches_tracked ");
  BOOST_TEST(tensors_close(net.named_parameters()[0].parameter->value, values({2}, {1, 1})));
  BOOST_TEST(tensors_close(net.named_parameters()[1].parameter->value, values({2}, {0, 0})));
  BOOST_TEST(tensors_close(net.named_buffers()[0].buffer->value, values({2}, {0, 0})));
  BOOST_TEST(tensors_close(net.named_buffers()[1].buffer->value, values({2}, {1, 1})));
  const Tensor& counter = net.named_buffers()[2].buffer->value;
  BOOST_TEST(counter.rank() == 0);
  BOOST_TEST(to_string(counter.dtype()) == "i64");
  BOOST_TEST(*counter.labels() == 0);
}

BOOST_AUTO_TEST_CASE(works_in_place_in_evaluation_only) {
  const BackendScope scope("reference");
  nn::BatchNorm1d layer{1};
  Tensor x = values({2, 1}, {1, 3});
  const float* const place = x.data();
  BOOST_TEST(layer.forward(x.clone()).data() != place);
  layer.train(false);
  BOOST_TEST(!layer.forward(x).shares_storage_with(x));
  BOOST_TEST(x.values()[0] == 1.0F);
  BOOST_TEST(layer.forward(std::move(x)).data() == place);
}

BOOST_AUTO_TEST_CASE(one_value_per_channel_has_no_variance) {
  const BackendScope scope("reference");
  nn::BatchNorm2d layer{3};
  BOOST_CHECK_EXCEPTION(layer.forward(Tensor::zeros({1, 3, 1, 1})), ShapeError, [](const ShapeError& e) {
    return std::string(e.what()).find("[BatchNorm2d] expected more than 1 value per channel when training") ==
           0;
  });
  BOOST_TEST(batches(layer) == 0);
  layer.train(false);
  BOOST_TEST(layer.forward(Tensor::zeros({1, 3, 1, 1})).size() == 3);
}

BOOST_AUTO_TEST_CASE(what_does_not_fit_is_refused) {
  const BackendScope scope("reference");
  BOOST_CHECK_THROW(nn::BatchNorm2d{0}, ShapeError);
  BOOST_CHECK_THROW((nn::BatchNorm2d{1, {.epsilon = -1}}), UsageError);
  BOOST_CHECK_THROW((nn::BatchNorm1d{1, {.momentum = 1.5}}), UsageError);
  BOOST_CHECK_EXCEPTION(
      nn::BatchNorm2d{3}.forward(Tensor::zeros({2, 4, 2, 2})), ShapeError, [](const ShapeError& e) {
        return std::string(e.what()) == "[BatchNorm2d] expects [n, 3, h, w], x is [2, 4, 2, 2]";
      });
  BOOST_CHECK_EXCEPTION(nn::BatchNorm1d{3}.forward(Tensor::zeros({2, 3, 2, 2})), ShapeError,
                        [](const ShapeError& e) {
                          return std::string(e.what()) == "[BatchNorm1d] expects [n, 3], x is [2, 3, 2, 2]";
                        });
}

BOOST_AUTO_TEST_CASE(the_layer_table_counts_it) {
  Rng rng(1);
  const nn::Sequential net{nn::Conv2d{1, 8, {.kernel = 3, .padding = 1}, rng}, nn::BatchNorm2d{8},
                           nn::ReLU{}};
  const nn::Summary s = nn::summarize(net, {4, 1, 6, 6});
  BOOST_TEST(s.rows[1].kind == "BatchNorm2d");
  BOOST_TEST(s.rows[1].parameters == 16);
  BOOST_TEST(s.rows[1].macs == 0);
  BOOST_TEST(s.rows[1].activation_bytes == 4 * (4 * 8 * 6 * 6));
  BOOST_TEST(to_string(s.rows[1].field.size) == "3x3");
  std::string options;
  for (const auto& [name, value] : nn::BatchNorm2d{8}.spec().options) options += name + "=" + value + " ";
  BOOST_TEST(options == "channels=8 epsilon=1e-05 momentum=0.1 ");
}

BOOST_AUTO_TEST_SUITE_END()
