// SPDX-License-Identifier: MIT
#include "common/optim/foretold_memory.hpp"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "common/core/storage.hpp"
#include "common/nn/activation.hpp"
#include "common/nn/batch_norm.hpp"
#include "common/nn/concat.hpp"
#include "common/nn/conv2d.hpp"
#include "common/nn/dropout.hpp"
#include "common/nn/flatten.hpp"
#include "common/nn/global_avg_pool2d.hpp"
#include "common/nn/identity.hpp"
#include "common/nn/linear.hpp"
#include "common/nn/pool2d.hpp"
#include "common/nn/residual.hpp"
#include "common/nn/sequential.hpp"
#include "common/optim/sgd.hpp"
#include "tests/support/backends.hpp"
#include "tests/support/close.hpp"
#include "tests/support/step_peak.hpp"

using namespace cnn;

BOOST_AUTO_TEST_SUITE(foretold_memory)

namespace {

constexpr Index side = 24;

nn::Conv2d conv(Index in, Index out, Rng& rng) {
  return nn::Conv2d{in, out, {.kernel = 3, .padding = 1}, rng};
}

nn::Sequential chain(Rng& rng) {
  return nn::Sequential{conv(1, 8, rng),
                        nn::Sigmoid{},
                        nn::MaxPool2d{{.kernel = 2, .stride = 2}},
                        conv(8, 16, rng),
                        nn::ReLU{},
                        nn::Flatten{},
                        nn::Linear{16 * side * side / 4, 200, rng},
                        nn::ReLU{},
                        nn::Dropout{0.5, rng},
                        nn::Linear{200, 10, rng}};
}

nn::Sequential residuals(Rng& rng) {
  nn::Sequential net{conv(1, 8, rng), nn::BatchNorm2d{8}, nn::ReLU{}};
  for (const Index width : {8, 16}) {
    nn::Sequential body{conv(8, width, rng), nn::BatchNorm2d{width}, nn::ReLU{}, conv(width, width, rng),
                        nn::BatchNorm2d{width}};
    const nn::Child shortcut =
        width == 8 ? nn::Child{"shortcut", nn::Identity{}} : nn::Child{"conv", nn::Conv2d{8, width, {}, rng}};
    net.add(nn::Residual{{"body", std::move(body)}, shortcut});
    net.add(nn::ReLU{});
  }
  net.add(nn::GlobalAvgPool2d{});
  net.add(nn::Flatten{});
  net.add(nn::Linear{16, 10, rng});
  return net;
}

nn::Sequential branches(Rng& rng) {
  return nn::Sequential{
      conv(1, 8, rng),
      nn::Concat{nn::Identity{}, nn::Sequential{nn::BatchNorm2d{8}, nn::ReLU{}, conv(8, 8, rng)}},
      nn::Concat{conv(16, 8, rng), nn::Sequential{conv(16, 4, rng), nn::ReLU{}},
                 nn::MaxPool2d{{.kernel = 3, .stride = 1, .padding = 1}}},
      nn::GlobalAvgPool2d{},
      nn::Flatten{},
      nn::Linear{28, 10, rng}};
}

nn::Sequential growing(Rng& rng) {
  nn::Sequential block{};
  for (const Index width : {8, 12, 16, 20})
    block.add(
        nn::Concat{nn::Identity{}, nn::Sequential{nn::BatchNorm2d{width}, nn::ReLU{}, conv(width, 4, rng)}});
  return nn::Sequential{conv(1, 8, rng),       std::move(block), nn::BatchNorm2d{24},
                        nn::GlobalAvgPool2d{}, nn::Flatten{},    nn::Linear{24, 10, rng}};
}

using Maker = nn::Sequential (*)(Rng&);

/// Most that two real steps have in use, without what was in use before the network.
Index real_peak(Maker make, const Shape& x) {
  const Index before = memory_stats().in_use;
  Rng rng(0);
  nn::Sequential net = make(rng);
  net.set_input_grad_needed(false);
  return test::step_peak(net, x, before);
}

optim::ForetoldMemory foreseen(Maker make, const Shape& x) {
  Rng rng(0);
  nn::Sequential net = make(rng);
  net.set_input_grad_needed(false);
  const optim::Adam adam{net.named_parameters()};
  return optim::foretell_memory(net, x, {.optimizer = &adam});
}

}  // namespace

BOOST_DATA_TEST_CASE(is_what_a_step_takes, test::backends(), backend) {
  const BackendScope scope(backend);
  if (default_device().type != DeviceType::cpu) return;  // the host's memory is what is measured
  const test::ThreadScope one(1);                        // several take less work space when they do not meet
  for (const Maker make : {chain, residuals, branches, growing}) {
    for (const Index n : {2, 32}) {
      const Shape x{n, 1, side, side};
      const auto peak = static_cast<double>(real_peak(make, x));
      const optim::ForetoldMemory memory = foreseen(make, x);
      BOOST_TEST_CONTEXT("foreseen " << memory.in_use << ", real " << peak) {
        BOOST_TEST(static_cast<double>(memory.in_use) < 1.05 * peak);
        BOOST_TEST(static_cast<double>(memory.in_use) > 0.95 * peak);
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(numbers_of_a_network_of_one_layer) {
  const BackendScope scope("reference");
  Rng rng(0);
  nn::Sequential net{nn::Linear{64, 32, rng, {.bias = false}}};
  net.set_input_grad_needed(false);
  const Index weight = 4 * 64 * 32;
  const Index x = 4 * 8 * 64;
  const Index y = 4 * 8 * 32;
  const optim::Adam adam{net.named_parameters()};
  const optim::ForetoldMemory memory = optim::foretell_memory(net, {8, 64}, {.optimizer = &adam});
  BOOST_TEST(memory.before == 3 * weight);  // the weight and two moments
  BOOST_TEST(memory.in_use ==
             3 * weight + x + 2 * y + weight);  // the batch, y and its gradient, the weight's
  BOOST_TEST(memory.held == memory.in_use);     // the blocks fit where those before them were
  const optim::Sgd sgd{net.named_parameters()}, with_momentum{net.named_parameters(), {.momentum = 0.9}};
  const Index without = weight + 3 * x + 2 * y + weight;
  BOOST_TEST(optim::foretell_memory(net, {8, 64}, {.optimizer = &sgd, .batches = 3}).in_use == without);
  BOOST_TEST(optim::foretell_memory(net, {8, 64}, {.optimizer = &with_momentum, .batches = 3}).in_use ==
             without + weight);
}

BOOST_DATA_TEST_CASE(is_what_an_evaluation_takes, test::backends(), backend) {
  const BackendScope scope(backend);
  if (default_device().type != DeviceType::cpu) return;  // the host's memory is what is measured
  const test::ThreadScope one(1);
  for (const Maker make : {chain, residuals, branches, growing}) {
    Rng rng(0);
    const Index before = memory_stats().in_use;
    nn::Sequential net = make(rng);
    const Shape x{32, 1, side, side};
    const auto foretold = static_cast<double>(optim::foretell_memory(net, x, {.training = false}).in_use);
    net.train(false);
    const Tensor images = Tensor::zeros(x);
    reset_peak_memory();
    net.forward(images);
    const auto peak = static_cast<double>(memory_stats().peak - before);
    BOOST_TEST_CONTEXT("foretold " << foretold << ", real " << peak) {
      BOOST_TEST(foretold < 1.05 * peak);
      BOOST_TEST(foretold > 0.95 * peak);
    }
  }
}

BOOST_AUTO_TEST_CASE(the_network_stays_what_it_was) {
  Rng rng(0), drawn(0);
  nn::Sequential net = residuals(rng);
  net.add(nn::Dropout{0.5, drawn});
  const Tensor x = Tensor::zeros({2, 1, side, side});
  net.backward(net.forward(x));
  optim::Adam adam{net.named_parameters()};
  adam.step();
  std::vector<Tensor> tensors, copies;
  for (const nn::NamedParameter& p : net.named_parameters())
    tensors.insert(tensors.end(), {p.parameter->value, p.parameter->grad});
  for (const nn::NamedBuffer& b : net.named_buffers()) tensors.push_back(b.buffer->value);
  for (const Tensor& tensor : tensors) copies.push_back(tensor.clone());
  const std::string state = drawn.state();
  const Index meta = memory_stats({DeviceType::meta}).in_use;
  optim::foretell_memory(net, x.shape(), {.optimizer = &adam});
  BOOST_TEST(adam.step_count() == 1);
  for (const auto& [name, tensor] : adam.state())
    BOOST_TEST((tensor.device() == default_device() || name == "step"));
  for (const bool training : {true, false}) optim::foretell_memory(net, x.shape(), {.training = training});
  BOOST_CHECK_THROW(optim::foretell_memory(net, {2, 3, side, side}), ShapeError);
  BOOST_TEST(drawn.state() == state);
  BOOST_TEST(memory_stats({DeviceType::meta}).in_use == meta);
  BOOST_TEST(net.is_training());
  std::size_t k = 0;
  const auto check = [&](const Tensor& now) {
    BOOST_TEST(now.bytes() == tensors.at(k).bytes());
    BOOST_TEST(test::tensors_close(now, copies.at(k)));
    ++k;
  };
  for (const nn::NamedParameter& p : net.named_parameters())
    check(p.parameter->value), check(p.parameter->grad);
  for (const nn::NamedBuffer& b : net.named_buffers()) check(b.buffer->value);
  net.backward(net.forward(x));  // its layers are what they were, too
}

/// Works on the host whatever the device, as a hand-written layer may.
class OnHost : public nn::Module {
 public:
  Tensor forward(Tensor x) override { return x.to({}).clone(); }
  Tensor backward(Tensor grad_y) override { return grad_y; }
  Shape output_shape(const Shape& x) const override { return x; }
  nn::Spec spec() const override { return {.kind = "OnHost"}; }
};

BOOST_AUTO_TEST_CASE(a_layer_that_cannot_work_on_meta_is_stood_for) {
  nn::Sequential net{OnHost{}};
  const Index x =
      4 * 16 *
      4;  // a batch, its output, what it is taken to save, the gradient of the output and of the input
  BOOST_TEST(optim::foretell_memory(net, {4, 16}).in_use == 5 * x);
  BOOST_TEST(net.leaves().at(0).module->spec().kind == "OnHost");
}

BOOST_AUTO_TEST_CASE(little_lies_idle_between_blocks) {
  const Shape x{256, 1, 96, 96};
  const optim::ForetoldMemory memory = foreseen(residuals, x);
  BOOST_TEST(memory.in_use <= memory.held);
  BOOST_TEST(memory.held <= memory.in_use + memory.in_use / 4);
}

BOOST_AUTO_TEST_CASE(grows_with_the_batch) {
  Index last = 0;
  for (const Index n : {1, 2, 3, 5, 8, 13, 21, 34}) {
    const Index in_use = foreseen(branches, {n, 1, side, side}).in_use;
    BOOST_TEST(in_use > last);
    last = in_use;
  }
}

BOOST_AUTO_TEST_CASE(an_image_that_does_not_fit_is_refused) {
  BOOST_CHECK_THROW(foreseen(chain, {1, 1, side + 2, side}), ShapeError);
}

BOOST_AUTO_TEST_SUITE_END()
