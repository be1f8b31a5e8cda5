// SPDX-License-Identifier: MIT
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>

#include "common/nn/activation.hpp"
#include "common/nn/conv2d.hpp"
#include "common/nn/flatten.hpp"
#include "common/nn/linear.hpp"
#include "common/nn/pool2d.hpp"
#include "common/nn/sequential.hpp"
#include "common/optim/adam.hpp"
#include "common/optim/sgd.hpp"
#include "tests/support/backends.hpp"

using namespace cnn;
using Values = std::vector<float>;

BOOST_AUTO_TEST_SUITE(optimizers)

namespace {

/// One parameter and five gradients; the trajectories below are those of PyTorch 2.15.
const std::vector<Values> gradients{{0.5F, -0.25F, 2.0F, 0.0F},
                                    {0.1F, 0.3F, -1.5F, 1e-4F},
                                    {-0.7F, 0.2F, 0.0F, -1e-4F},
                                    {0.05F, -0.9F, 0.8F, 3.0F},
                                    {0.6F, 0.6F, -0.6F, -2.5F}};

nn::Parameter start() {
  const Device device = default_device();
  return {"w", Tensor::from_values({4}, Values{1.0F, -2.0F, 3.0F, 0.5F}, device), {}};
}

void set_grad(nn::Parameter& w, const Values& values) {
  w.grad = Tensor::from_values({4}, values, w.value.device());
}

Values host(const Tensor& t) {
  const Tensor copy = t.to({});
  return {copy.values().begin(), copy.values().end()};
}

void check_trajectory(nn::Parameter& w, optim::Optimizer& optimizer, const std::vector<Values>& expected) {
  for (std::size_t t = 0; t < expected.size(); ++t) {
    set_grad(w, gradients[t]);
    optimizer.step();
    const Values now = host(w.value);
    for (std::size_t i = 0; i < now.size(); ++i) {
      BOOST_TEST(std::abs(now[i] - expected[t][i]) <= 3e-7F * std::max(1.0F, std::abs(expected[t][i])),
                 "step " << t + 1 << ", element " << i << ": " << now[i] << " instead of " << expected[t][i]);
    }
  }
  BOOST_TEST(optimizer.step_count() == static_cast<Index>(expected.size()));
}

nn::Sequential small_net() {
  Rng rng(3);
  return nn::Sequential{nn::Conv2d{1, 2, {.kernel = 3, .padding = 1}, rng}, nn::Sigmoid{},
                        nn::MaxPool2d{{.kernel = 2, .stride = 2}}, nn::Flatten{}, nn::Linear{8, 3, rng}};
}

Tensor small_batch() {
  Tensor x = Tensor::empty({2, 1, 4, 4});
  for (std::size_t i = 0; i < 32; ++i) x.values()[i] = static_cast<float>(i) / 16 - 1;
  return x;
}

/// One step on the loss sum(y^2) / 2, whose gradient is y.
double train_step(nn::Module& net, optim::Optimizer& optimizer, const Tensor& x) {
  net.zero_grad();
  const Tensor y = net.forward(x);
  double loss = 0;
  for (const float value : host(y)) loss += 0.5 * static_cast<double>(value) * static_cast<double>(value);
  net.backward(y);
  optimizer.step();
  return loss;
}

std::vector<std::pair<std::string, Tensor>> copy_of(
    const std::vector<std::pair<std::string, Tensor>>& state) {
  std::vector<std::pair<std::string, Tensor>> copy;
  for (const auto& [name, tensor] : state) copy.emplace_back(name, tensor.clone());
  return copy;
}

/// Three steps, then three more by a second optimizer that takes over the first one's state.
template <typename Make>
void check_that_a_loaded_state_goes_on_with_the_same_bits(Make make) {
  nn::Sequential straight = small_net();
  auto one = make(straight.named_parameters());
  for (int i = 0; i < 6; ++i) train_step(straight, *one, small_batch());

  nn::Sequential net = small_net();
  auto first = make(net.named_parameters());
  for (int i = 0; i < 3; ++i) train_step(net, *first, small_batch());
  auto saved = copy_of(first->state());
  std::reverse(saved.begin(), saved.end());
  auto second = make(net.named_parameters());
  second->load_state(saved);
  BOOST_TEST(second->step_count() == 3);
  for (int i = 0; i < 3; ++i) train_step(net, *second, small_batch());

  for (std::size_t i = 0; i < net.parameters().size(); ++i) {
    BOOST_TEST(host(net.parameters()[i]->value) == host(straight.parameters()[i]->value),
               boost::test_tools::per_element());
  }
}

}  // namespace

BOOST_DATA_TEST_CASE(sgd_as_pytorch, test::backends(), backend) {
  const BackendScope scope(backend);
  nn::Parameter w = start();
  optim::Sgd sgd{{{"w", &w}}, {.learning_rate = 0.1}};
  check_trajectory(w, sgd,
                   {{0.949999988F, -1.97500002F, 2.79999995F, 0.5F},
                    {0.939999998F, -2.00500011F, 2.95000005F, 0.499989986F},
                    {1.00999999F, -2.0250001F, 2.95000005F, 0.5F},
                    {1.005F, -1.93500006F, 2.87000012F, 0.199999988F},
                    {0.944999993F, -1.99500012F, 2.93000007F, 0.449999988F}});
}

BOOST_DATA_TEST_CASE(sgd_with_momentum_and_decay_as_pytorch, test::backends(), backend) {
  const BackendScope scope(backend);
  nn::Parameter w = start();
  optim::Sgd sgd{{{"w", &w}}, {.learning_rate = 0.1, .momentum = 0.9, .weight_decay = 0.01}};
  check_trajectory(w, sgd,
                   {{0.949000001F, -1.97300005F, 2.79699993F, 0.499500006F},
                    {0.892150998F, -1.97672701F, 2.76150298F, 0.498540521F},
                    {0.910094738F, -1.99810457F, 2.72679424F, 0.497188419F},
                    {0.920334041F, -1.92534626F, 2.61282945F, 0.195474327F},
                    {0.868629038F, -1.91793847F, 2.56764841F, 0.173736185F}});
}

BOOST_DATA_TEST_CASE(adam_as_pytorch, test::backends(), backend) {
  const BackendScope scope(backend);
  nn::Parameter w = start();
  optim::Adam adam{{{"w", &w}}, {.learning_rate = 0.01}};
  check_trajectory(w, adam,
                   {{0.99000001F, -1.99000001F, 2.99000001F, 0.5F},
                    {0.981969595F, -1.99142945F, 2.98910666F, 0.492559671F},
                    {0.983482242F, -1.9953264F, 2.98841619F, 0.493011445F},
                    {0.98438406F, -1.9914993F, 2.98610425F, 0.487200171F},
                    {0.981904805F, -1.99153054F, 2.98541689F, 0.486920714F}});
}

BOOST_DATA_TEST_CASE(adam_with_all_options_as_pytorch, test::backends(), backend) {
  const BackendScope scope(backend);
  nn::Parameter w = start();
  optim::Adam adam{
      {{"w", &w}},
      {.learning_rate = 0.05, .beta1 = 0.8, .beta2 = 0.95, .epsilon = 1e-3, .weight_decay = 0.1}};
  check_trajectory(w, adam,
                   {{0.950083196F, -1.95011091F, 2.95002174F, 0.450980395F},
                    {0.907705903F, -1.92824543F, 2.9403491F, 0.402282685F},
                    {0.910500228F, -1.91280949F, 2.92924452F, 0.354169637F},
                    {0.907203496F, -1.87811816F, 2.9080565F, 0.320646167F},
                    {0.884913683F, -1.86286199F, 2.89504218F, 0.320402443F}});
}

BOOST_DATA_TEST_CASE(a_small_network_learns_as_in_pytorch, test::backends(), backend) {
  const BackendScope scope(backend);
  const Device device = default_device();
  nn::Sequential net = small_net();
  net.to(device);
  const Tensor x = small_batch().to(device);
  optim::Adam adam{net.named_parameters(), {.learning_rate = 0.1}};
  for (const double expected : {1.75234914, 0.33458817, 0.122546747}) {
    BOOST_TEST(std::abs(train_step(net, adam, x) - expected) < 2e-5 * expected);
  }
  const Values y = host(net.forward(x));
  const Values expected{-0.00452408195F, 0.402243197F, 0.446951985F,
                        -0.0471919179F,  0.463595927F, 0.503540576F};
  for (std::size_t i = 0; i < y.size(); ++i) BOOST_TEST(std::abs(y[i] - expected[i]) < 1e-5F);
}

BOOST_AUTO_TEST_CASE(a_parameter_without_gradient_is_skipped) {
  nn::Parameter used = start();
  nn::Parameter unused = start();
  optim::Adam adam{{{"used", &used}, {"unused", &unused}}};
  set_grad(used, gradients[0]);
  adam.step();
  BOOST_TEST(host(unused.value) == host(start().value), boost::test_tools::per_element());
  BOOST_TEST(host(used.value)[0] < 1.0F);
}

BOOST_AUTO_TEST_CASE(a_learning_rate_of_zero_changes_nothing_and_can_be_raised) {
  nn::Parameter w = start();
  optim::Sgd sgd{{{"w", &w}}, {.learning_rate = 0}};
  set_grad(w, gradients[0]);
  sgd.step();
  BOOST_TEST(host(w.value) == host(start().value), boost::test_tools::per_element());
  sgd.set_learning_rate(0.5);
  BOOST_TEST(sgd.learning_rate() == 0.5);
  sgd.step();
  BOOST_TEST(host(w.value)[0] == 0.75F);
}

BOOST_DATA_TEST_CASE(a_loaded_state_goes_on_with_the_same_bits, test::backends(), backend) {
  const BackendScope scope(backend);
  if (default_device() != Device{}) return;  // the nets of this case live on the host
  using Parameters = std::vector<nn::NamedParameter>;
  check_that_a_loaded_state_goes_on_with_the_same_bits([](const Parameters& p) {
    return std::make_unique<optim::Adam>(p, optim::AdamOptions{.learning_rate = 0.1});
  });
  check_that_a_loaded_state_goes_on_with_the_same_bits([](const Parameters& p) {
    return std::make_unique<optim::Sgd>(
        p, optim::SgdOptions{.learning_rate = 0.1, .momentum = 0.9, .weight_decay = 0.01});
  });
}

BOOST_AUTO_TEST_CASE(state_has_the_names_of_the_parameters) {
  nn::Sequential net = small_net();
  const optim::Adam adam{net.named_parameters()};
  std::string text;
  for (const auto& [name, tensor] : adam.state()) text += name + " ";
  BOOST_TEST(text ==
             "step 0.weight.mean 0.weight.mean_square 0.bias.mean 0.bias.mean_square "
             "4.weight.mean 4.weight.mean_square 4.bias.mean 4.bias.mean_square ");
  BOOST_TEST(optim::Sgd{net.named_parameters()}.state().size() == 1U);
}

BOOST_AUTO_TEST_CASE(the_state_of_another_network_is_refused) {
  nn::Sequential net = small_net();
  optim::Adam adam{net.named_parameters()};
  const auto state = copy_of(adam.state());

  auto missing = state;
  missing.pop_back();
  BOOST_CHECK_THROW(adam.load_state(missing), DataError);
  auto unknown = state;
  unknown.emplace_back("9.weight.mean", Tensor::zeros({1}));
  BOOST_CHECK_THROW(adam.load_state(unknown), DataError);
  auto other_shape = state;
  other_shape.back().second = Tensor::zeros({17});
  BOOST_CHECK_THROW(adam.load_state(other_shape), DataError);
  auto other_type = state;
  other_type.front().second = Tensor::zeros({1});
  BOOST_CHECK_THROW(adam.load_state(other_type), DataError);
  optim::Sgd sgd{net.named_parameters(), {.momentum = 0.9}};
  BOOST_CHECK_THROW(sgd.load_state(state), DataError);
}

BOOST_AUTO_TEST_CASE(impossible_options_are_refused) {
  nn::Parameter w = start();
  const std::vector<nn::NamedParameter> p{{"w", &w}};
  constexpr double nan = std::numeric_limits<double>::quiet_NaN();
  BOOST_CHECK_THROW((optim::Sgd{p, {.learning_rate = -0.1}}), UsageError);
  BOOST_CHECK_THROW((optim::Sgd{p, {.learning_rate = nan}}), UsageError);
  BOOST_CHECK_THROW((optim::Sgd{p, {.momentum = -1}}), UsageError);
  BOOST_CHECK_THROW((optim::Adam{p, {.beta1 = 1}}), UsageError);
  BOOST_CHECK_THROW((optim::Adam{p, {.beta2 = nan}}), UsageError);
  BOOST_CHECK_THROW((optim::Adam{p, {.epsilon = -1e-8}}), UsageError);
  BOOST_CHECK_THROW((optim::Adam{p, {.weight_decay = -1}}), UsageError);
  optim::Sgd sgd{p};
  BOOST_CHECK_THROW(sgd.set_learning_rate(-1), UsageError);
}

BOOST_AUTO_TEST_SUITE_END()
