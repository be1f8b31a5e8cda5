// SPDX-License-Identifier: MIT
// A fused network computes what it did before, bit for bit, on every rung.
#include "common/nn/fuse.hpp"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "common/core/storage.hpp"
#include "common/nn/activation.hpp"
#include "common/nn/batch_norm.hpp"
#include "common/nn/concat.hpp"
#include "common/nn/conv2d.hpp"
#include "common/nn/dropout.hpp"
#include "common/nn/flatten.hpp"
#include "common/nn/identity.hpp"
#include "common/nn/linear.hpp"
#include "common/nn/pool2d.hpp"
#include "common/nn/residual.hpp"
#include "common/nn/sequential.hpp"
#include "common/optim/adam.hpp"
#include "common/optim/foretold_memory.hpp"
#include "tests/support/backends.hpp"
#include "tests/support/check_module.hpp"
#include "tests/support/close.hpp"
#include "tests/support/random_tensor.hpp"
#include "tests/support/step_peak.hpp"

using namespace cnn;
using test::tensors_close;

BOOST_AUTO_TEST_SUITE(fuse)

namespace {

using NamedTensors = std::vector<std::pair<std::string, Tensor>>;

const Shape batch{3, 2, 12, 12};

nn::Conv2d conv(Index in, Index out, Index side, Rng& rng) {
  return nn::Conv2d{in, out, {.kernel = side, .padding = side / 2}, rng};
}

nn::Sequential lenet(Rng& rng) {
  return nn::Sequential{conv(2, 6, 5, rng),
                        nn::ReLU{},
                        nn::MaxPool2d{{.kernel = 2, .stride = 2}},
                        nn::Flatten{},
                        nn::Linear{6 * 36, 20, rng},
                        nn::ReLU{},
                        nn::Linear{20, 4, rng, {.bias = false}},
                        nn::BatchNorm1d{4},
                        nn::ReLU{}};
}

/// Works in place, where nobody else holds its input: the ReLU before it does.
nn::Sequential dropout(Rng& rng) {
  return nn::Sequential{nn::Flatten{}, nn::Linear{288, 50, rng}, nn::ReLU{}, nn::Dropout{0.5, rng},
                        nn::Linear{50, 4, rng}};
}

nn::Sequential residual_blocks(Rng& rng) {
  const auto block = [&](const nn::Child& shortcut) {
    return nn::Sequential{
        {"", nn::Residual{{"", nn::Sequential{conv(2, 2, 3, rng), nn::BatchNorm2d{2}, nn::ReLU{},
                                              conv(2, 2, 3, rng), nn::BatchNorm2d{2}}},
                          shortcut}},
        {"relu", nn::ReLU{}}};
  };
  nn::Sequential net{};
  net.add({"first", block({"", nn::Identity{}})});
  net.add({"second", block({"conv", conv(2, 2, 1, rng)})});
  return net;
}

nn::Sequential dense_block(Rng& rng) {
  nn::Sequential net{};
  for (const Index channels : {2, 18, 34})
    net.add(nn::Concat{nn::Identity{},
                       nn::Sequential{nn::BatchNorm2d{channels}, nn::ReLU{}, conv(channels, 16, 3, rng)}});
  net.add(nn::BatchNorm2d{50});
  net.add(nn::ReLU{});
  return net;
}

nn::Sequential inception(Rng& rng) {
  return nn::Sequential{
      nn::ReLU{},
      nn::Concat{nn::Sequential{conv(2, 9, 1, rng), nn::ReLU{}},
                 nn::Sequential{conv(2, 4, 1, rng), nn::ReLU{}, conv(4, 8, 3, rng), nn::ReLU{}},
                 nn::ReLU{},  // beside the others, not behind them
                 nn::Sequential{nn::MaxPool2d{{.kernel = 3, .stride = 1, .padding = 1}}, nn::ReLU{}}},
      nn::ReLU{}};
}

struct Network {
  const char* name;
  nn::Sequential (*make)(Rng&);
};
std::ostream& operator<<(std::ostream& out, const Network& network) { return out << network.name; }

const std::vector<Network> networks{
    {"lenet", lenet}, {"residual", residual_blocks}, {"dense", dense_block}, {"inception", inception}};

std::vector<Network> networks_and_dropout() {
  std::vector<Network> all = networks;
  all.push_back({"dropout", dropout});
  return all;
}

/// All that three steps and an evaluation leave behind.
NamedTensors train(const Network& network, bool fused) {
  Rng rng(5);
  nn::Sequential net = network.make(rng);
  if (fused) nn::fuse(net);
  const Device device = default_device();
  net.to(device);
  optim::Adam adam{net.named_parameters()};
  NamedTensors seen;
  for (std::uint64_t step = 0; step < 3; ++step) {
    net.zero_grad();
    const Tensor y = net.forward(test::random_tensor(batch, step).to(device));
    seen.emplace_back("y", y.clone());
    seen.emplace_back("grad_x", net.backward(test::random_tensor(y.shape(), 10 + step).to(device)));
    for (const auto& [name, parameter] : net.named_parameters())
      seen.emplace_back(name + ".grad", parameter->grad.clone());
    adam.step();
  }
  for (const auto& [name, parameter] : net.named_parameters()) seen.emplace_back(name, parameter->value);
  for (const auto& [name, buffer] : net.named_buffers()) seen.emplace_back(name, buffer->value);
  net.train(false);
  seen.emplace_back("evaluated", net.forward(test::random_tensor(batch, 3).to(device)));
  return seen;
}

}  // namespace

BOOST_DATA_TEST_CASE(changes_no_bit, test::backends() * boost::unit_test::data::make(networks_and_dropout()),
                     backend, network) {
  const BackendScope scope(backend);
  const NamedTensors expected = train(network, false), fused = train(network, true);
  BOOST_TEST_REQUIRE(fused.size() == expected.size());
  for (std::size_t k = 0; k < fused.size(); ++k) {
    BOOST_TEST(fused[k].first == expected[k].first);
    BOOST_TEST(tensors_close(fused[k].second, expected[k].second), fused[k].first);
  }
}

/// Each ReLU gets a multiple of the input, which is never so near its kink that a difference crosses it.
BOOST_DATA_TEST_CASE(layers_keep_their_contract, test::backends(), backend) {
  Rng rng(1);
  const auto check = [&](nn::Sequential net, const Shape& x, bool evaluation_differs = false) {
    nn::fuse(net);
    test::check_module(backend, std::move(net), x, evaluation_differs);
  };
  const auto multiple = [&](Index out) { return nn::Conv2d{1, out, {.bias = false}, rng}; };
  check(nn::Sequential{multiple(2), nn::ReLU{}, nn::Flatten{}, nn::Linear{18, 3, rng}}, {2, 1, 3, 3});
  check(nn::Sequential{nn::Linear{1, 3, rng, {.bias = false}}, nn::ReLU{}}, {8, 1});
  check(nn::Sequential{nn::Residual{multiple(1), nn::Identity{}}, nn::ReLU{}}, {2, 1, 3, 3});
  check(nn::Sequential{nn::BatchNorm2d{1}, nn::ReLU{}}, {2, 1, 4, 4}, true);
  check(nn::Sequential{nn::BatchNorm1d{3}, nn::ReLU{}, nn::Linear{3, 2, rng}}, {20, 3}, true);
}

BOOST_AUTO_TEST_CASE(a_layer_before_a_relu_returns_what_is_not_negative) {
  Rng rng(1);
  nn::Sequential net{conv(2, 3, 3, rng), nn::ReLU{}};
  nn::fuse(net);
  nn::fuse(net);  // there is nothing left to do
  const Tensor y = net[0].forward(test::random_tensor(batch, 1));
  BOOST_TEST(std::ranges::min(y.values()) == 0);
}

BOOST_AUTO_TEST_CASE(one_layer_is_left_alone) {
  nn::ReLU relu;
  nn::fuse(relu);
  const Tensor y = relu.forward(Tensor::from_values({2}, std::vector<float>{-1, 2}));
  BOOST_TEST(tensors_close(y, Tensor::from_values({2}, std::vector<float>{0, 2})));
}

BOOST_DATA_TEST_CASE(memory_of_a_step_is_foreseen, test::backends() * boost::unit_test::data::make(networks),
                     backend, network) {
  const BackendScope scope(backend);
  if (default_device().type != DeviceType::cpu) return;  // the host's memory is what is measured
  const test::ThreadScope one(1);
  const Shape x{64, 2, 12, 12};
  const Index before = memory_stats().in_use;
  Rng rng(0);
  nn::Sequential net = network.make(rng);
  nn::fuse(net);
  const auto peak = static_cast<double>(test::step_peak(net, x, before));
  const optim::Adam adam{net.named_parameters()};
  const auto foreseen = static_cast<double>(optim::foretell_memory(net, x, {.optimizer = &adam}).in_use);
  BOOST_TEST_CONTEXT("foreseen " << foreseen << ", real " << peak) {
    BOOST_TEST(foreseen < 1.05 * peak);
    BOOST_TEST(foreseen > 0.95 * peak);
  }
}

BOOST_AUTO_TEST_SUITE_END()
