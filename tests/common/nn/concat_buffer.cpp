// SPDX-License-Identifier: MIT
// Concats one after the other that put their channels behind their input, as in DenseNet, share a buffer; nobody can tell.
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

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
#include "tests/support/backends.hpp"
#include "tests/support/check_module.hpp"
#include "tests/support/close.hpp"
#include "tests/support/random_tensor.hpp"

using namespace cnn;
using test::check_module;
using test::on_device;
using test::tensors_close;

BOOST_AUTO_TEST_SUITE(concat_buffer)

namespace {

constexpr Index in_channels = 2;
constexpr Index growth = 3;
constexpr Index layers = 3;

nn::Conv2d conv(Index in, Index out, Rng& rng) {
  return nn::Conv2d{in, out, {.kernel = 3, .padding = 1}, rng};
}

/// Puts `growth` channels behind its input.
nn::Concat grow(Index in, Rng& rng) {
  return nn::Concat{nn::Identity{},
                    nn::Sequential{nn::BatchNorm2d{in}, nn::Sigmoid{}, conv(in, growth, rng)}};
}

nn::Sequential grow_in_one_buffer(Rng& rng) {
  nn::Sequential net{};
  for (Index k = 0; k < layers; ++k) net.add(grow(in_channels + k * growth, rng));
  return net;
}

/// The same layers without knowing of each other: each copies its input.
std::vector<nn::Concat> grow_by_copies(Rng& rng) {
  std::vector<nn::Concat> all;
  for (Index k = 0; k < layers; ++k) all.push_back(grow(in_channels + k * growth, rng));
  return all;
}

Tensor images(Index n, std::uint64_t seed) {
  return on_device(test::random_tensor({n, in_channels, 6, 5}, seed));
}

}  // namespace

BOOST_DATA_TEST_CASE(gives_what_copies_give, test::backends(), backend) {
  const BackendScope scope(backend);
  Rng rng(1), again(1);
  nn::Sequential net = grow_in_one_buffer(rng);
  std::vector<nn::Concat> copies = grow_by_copies(again);
  net.to(default_device());
  for (nn::Concat& layer : copies) layer.to(default_device());
  for (const Index n : {3, 1, 20}) {
    Tensor expected = images(n, 7);
    for (nn::Concat& layer : copies) expected = layer.forward(expected);
    const Tensor y = net.forward(images(n, 7));
    BOOST_TEST(y.is_dense());
    BOOST_TEST(tensors_close(y, expected));
    Tensor expected_grad = on_device(test::random_tensor(y.shape(), 8));
    const Tensor grad_x = net.backward(expected_grad.clone());
    for (std::size_t k = copies.size(); k-- > 0;) expected_grad = copies[k].backward(expected_grad);
    BOOST_TEST(tensors_close(grad_x, expected_grad));
    for (Index k = 0; k < layers; ++k) {
      const auto place = static_cast<std::size_t>(k);
      const std::vector<nn::Parameter*> ours = net[place].parameters();
      const std::vector<nn::Parameter*> theirs = copies[place].parameters();
      for (std::size_t i = 0; i < ours.size(); ++i) BOOST_TEST(tensors_close(ours[i]->grad, theirs[i]->grad));
    }
  }
}

BOOST_DATA_TEST_CASE(later_layers_copy_nothing_old, test::backends(), backend) {
  const BackendScope scope(backend);
  Rng rng(1);
  nn::Sequential net = grow_in_one_buffer(rng);
  net.to(default_device());
  for (const bool training : {true, false}) {
    net.train(training);
    const Tensor x = images(4, 7);
    const Tensor first = net[0].forward(x);
    BOOST_TEST(!first.shares_storage_with(x));
    BOOST_TEST(!first.is_dense());
    const Tensor kept = first.clone();
    const Tensor second = net[1].forward(first);
    BOOST_TEST(second.shares_storage_with(first));
    const Tensor third = net[2].forward(second);
    BOOST_TEST(third.shares_storage_with(first));
    BOOST_TEST(third.is_dense());
    const Tensor other = net[1].forward(first);  // the reserve is used up
    BOOST_TEST(!other.shares_storage_with(first));
    BOOST_TEST(tensors_close(other, second));
    BOOST_TEST(tensors_close(third.channels(0, in_channels + growth), kept));
  }
}

BOOST_DATA_TEST_CASE(what_lies_behind_a_slice_stays, test::backends(), backend) {
  const BackendScope scope(backend);
  Rng rng(1);
  nn::Sequential net = grow_in_one_buffer(rng);
  net.to(default_device());
  const Tensor whole = on_device(test::random_tensor({4, 20, 6, 5}, 7)), before = whole.clone();
  const Tensor slice = whole.channels(0, in_channels + growth);
  const Tensor y = net[1].forward(slice);
  BOOST_TEST(!y.shares_storage_with(whole));
  BOOST_TEST(tensors_close(y, net[1].forward(slice.clone())));
  BOOST_TEST(tensors_close(whole, before));
}

BOOST_DATA_TEST_CASE(keeps_the_contract, test::backends(), backend) {
  Rng rng(1);
  check_module(backend, grow_in_one_buffer(rng), {4, in_channels, 4, 4}, true);
  nn::Sequential nested{nn::Concat{nn::Identity{}, nn::Sequential{{"net", grow_in_one_buffer(rng)}}},
                        nn::Concat{nn::Identity{}, conv(13, 1, rng)}};
  check_module(backend, std::move(nested), {4, in_channels, 4, 4}, true);
}

/// Each kind of layer as the last one of a branch: it gets a range of channels of the gradient.
BOOST_DATA_TEST_CASE(every_layer_takes_a_range_of_the_gradient, test::backends(), backend) {
  Rng rng(1);
  const Pool2dOptions same{.kernel = 3, .stride = 1, .padding = 1};
  check_module(backend,
               nn::Concat{nn::MaxPool2d{same}, nn::AvgPool2d{same}, nn::ReLU{}, nn::Sigmoid{},
                          conv(2, 2, rng), nn::Dropout{0, rng}, nn::Residual{nn::Sigmoid{}, nn::Identity{}},
                          nn::Concat{nn::Identity{}, conv(2, 1, rng)}},
               {2, 2, 3, 3});
  check_module(backend, nn::Concat{nn::BatchNorm2d{2}, nn::BatchNorm2d{2}}, {4, 2, 8, 8}, true);
  check_module(backend, nn::Concat{nn::GlobalAvgPool2d{}, nn::GlobalAvgPool2d{}}, {3, 2, 3, 3});
  check_module(backend,
               nn::Concat{nn::Flatten{}, nn::Sequential{nn::Flatten{}, nn::Linear{8, 3, rng}}, nn::Flatten{}},
               {3, 2, 2, 2});
}

/// Each kind of layer as the first one of a branch: it gets a part of the buffer.
BOOST_DATA_TEST_CASE(every_layer_takes_a_part_of_the_buffer, test::backends(), backend) {
  Rng rng(1);
  const Pool2dOptions same{.kernel = 3, .stride = 1, .padding = 1};
  check_module(backend,
               nn::Sequential{nn::Concat{nn::Identity{}, conv(1, 1, rng)},
                              nn::Concat{nn::Identity{}, nn::AvgPool2d{same}},
                              nn::Concat{nn::Identity{}, nn::Sigmoid{}, conv(4, 1, rng)},
                              nn::Concat{nn::Identity{}, nn::Residual{nn::Sigmoid{}, nn::Identity{}}},
                              nn::Concat{nn::Identity{}, nn::Dropout{0, rng}}, conv(36, 1, rng)},
               {2, 1, 2, 2});
  const BackendScope scope(backend);
  const auto behind = [](nn::Concat&& layer, bool in_one_buffer) {
    Rng weights(1);
    nn::Concat first{nn::Identity{}, conv(1, 1, weights)};
    nn::Sequential net{};
    if (in_one_buffer) {
      net.add(std::move(first));
    } else {
      net.add(nn::Sequential{{"alone", std::move(first)}});
    }
    net.add(std::move(layer));
    net.to(default_device());
    const Tensor y = net.forward(on_device(test::random_tensor({3, 1, 4, 4}, 7)));
    return std::pair{y, net.backward(on_device(test::random_tensor(y.shape(), 8)))};
  };
  const auto check = [&](const auto& make) {
    const auto [y, grad_x] = behind(make(), true);
    const auto [expected, expected_grad] = behind(make(), false);
    BOOST_TEST(tensors_close(y, expected, {.relative = 1e-6}));
    BOOST_TEST(tensors_close(grad_x, expected_grad, {.relative = 1e-6, .absolute = 1e-7}));
  };
  check([] { return nn::Concat{nn::Identity{}, nn::ReLU{}}; });
  check([&] { return nn::Concat{nn::Identity{}, nn::MaxPool2d{same}}; });
  check([] { return nn::Concat{nn::Identity{}, nn::BatchNorm2d{2}}; });
}

BOOST_AUTO_TEST_SUITE_END()
