// SPDX-License-Identifier: MIT
#include "common/train/dump.hpp"

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <stdexcept>

#include "common/nn/activation.hpp"
#include "common/nn/concat.hpp"
#include "common/nn/conv2d.hpp"
#include "common/nn/flatten.hpp"
#include "common/nn/identity.hpp"
#include "common/nn/linear.hpp"
#include "common/nn/residual.hpp"
#include "common/nn/sequential.hpp"
#include "common/ops/activation.hpp"
#include "common/ops/softmax.hpp"
#include "tests/support/close.hpp"
#include "tests/support/temporary_folder.hpp"

namespace {

using namespace cnn;

BOOST_AUTO_TEST_SUITE(layer_dump)

/// Has every container, names that repeat, and a ReLU that works in place.
nn::Sequential make_net() {
  Rng rng(3);
  const nn::Conv2dOptions same{.kernel = 3, .padding = 1};
  return nn::Sequential{
      {"conv", nn::Sequential{nn::Conv2d{1, 2, same, rng}, nn::ReLU{}}},
      {"", nn::Residual{{"body", nn::Conv2d{2, 2, same, rng}}, {"shortcut", nn::Identity{}}}},
      {"", nn::Concat{{"", nn::Sequential{{"p1", nn::Conv2d{2, 1, same, rng}}, {"relu", nn::ReLU{}}}},
                      {"", nn::Sequential{{"p2", nn::Conv2d{2, 1, same, rng}}, {"relu", nn::ReLU{}}}}}},
      {"", nn::Flatten{}},
      {"fc", nn::Linear{2 * 4 * 4, 3, rng}}};
}

Tensor images() {
  Tensor x = Tensor::empty({2, 1, 4, 4});
  Rng rng(4);
  rng.fill_uniform(x.values(), -1, 1);
  return x;
}

double pass(nn::Sequential& net) {
  net.zero_grad();
  const Tensor labels = Tensor::from_labels({2}, std::vector<std::int64_t>{0, 2});
  ops::CrossEntropy result = ops::softmax_cross_entropy(net.forward(images()), labels);
  net.backward(std::move(result.grad));
  return result.loss();
}

const Tensor& find(const io::NamedTensors& tensors, const std::string& name) {
  for (const auto& [other, tensor] : tensors) {
    if (other == name) return tensor;
  }
  throw std::out_of_range(name);
}

BOOST_AUTO_TEST_CASE(names_layers_as_pytorch_does_in_the_order_of_the_computation) {
  nn::Sequential net = make_net();
  net.set_input_grad_needed(false);
  const LayerDump dump(net);
  pass(net);
  const std::vector<std::string> expected{
      "conv.0.output",    "conv.1.output",       "body.output",       "shortcut.output",
      "p1.output",        "relu.output",         "p2.output",         "relu#2.output",
      "Flatten.output",   "fc.output",           "fc.grad_input",     "Flatten.grad_input",
      "relu.grad_input",  "p1.grad_input",       "relu#2.grad_input", "p2.grad_input",
      "body.grad_input",  "shortcut.grad_input", "conv.1.grad_input", "conv.0.weight.grad",
      "conv.0.bias.grad", "body.weight.grad",    "body.bias.grad",    "p1.weight.grad",
      "p1.bias.grad",     "p2.weight.grad",      "p2.bias.grad",      "fc.weight.grad",
      "fc.bias.grad"};
  std::vector<std::string> names;
  for (const auto& named : dump.tensors()) names.push_back(named.first);
  BOOST_TEST(names == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(keeps_what_a_later_layer_overwrites) {
  nn::Sequential net = make_net();
  const LayerDump dump(net);
  pass(net);
  const io::NamedTensors seen = dump.tensors();
  const Tensor before = find(seen, "conv.0.output");
  const auto values = before.values();
  BOOST_TEST(*std::min_element(values.begin(), values.end()) < 0);
  BOOST_TEST(test::tensors_close(find(seen, "conv.1.output"), ops::relu(before)));
}

BOOST_AUTO_TEST_CASE(changes_no_bit) {
  nn::Sequential plain = make_net();
  nn::Sequential watched = make_net();
  const double loss = pass(plain);
  const LayerDump dump(watched);
  BOOST_TEST(pass(watched) == loss);
  const io::NamedTensors seen = dump.tensors();
  for (const auto& [name, parameter] : plain.named_parameters())
    BOOST_TEST(test::tensors_close(find(seen, name + ".grad"), parameter->grad), name);
}

BOOST_AUTO_TEST_CASE(gradients_are_those_of_the_layers_inputs) {
  nn::Sequential net = make_net();
  const LayerDump dump(net);
  pass(net);
  const io::NamedTensors seen = dump.tensors();
  BOOST_TEST(test::tensors_close(find(seen, "Flatten.grad_input"),
                                 find(seen, "fc.grad_input").reshape({2, 2, 4, 4})));
  BOOST_TEST(test::tensors_close(
      find(seen, "conv.1.grad_input"),
      ops::relu_backward(nn::sum(find(seen, "body.grad_input").clone(), find(seen, "shortcut.grad_input")),
                         find(seen, "conv.1.output"))));
}

BOOST_AUTO_TEST_CASE(sees_the_first_pass_only) {
  nn::Sequential net = make_net();
  const LayerDump dump(net);
  pass(net);
  const io::NamedTensors first = dump.tensors();
  for (nn::Parameter* parameter : net.parameters()) {
    for (float& value : parameter->value.values()) value *= 2;
  }
  pass(net);
  BOOST_TEST(test::tensors_close(find(dump.tensors(), "fc.output"), find(first, "fc.output")));
}

BOOST_AUTO_TEST_CASE(leaves_the_network_as_it_was) {
  nn::Sequential net = make_net();
  const std::vector<nn::Leaf> before = net.leaves();
  const double loss = pass(net);
  { const LayerDump dump(net); }
  const std::vector<nn::Leaf> after = net.leaves();
  BOOST_TEST_REQUIRE(after.size() == before.size());
  for (std::size_t k = 0; k < before.size(); ++k) {
    BOOST_TEST(after[k].name == before[k].name);
    BOOST_TEST(after[k].module == before[k].module);
  }
  BOOST_TEST(pass(net) == loss);
}

BOOST_AUTO_TEST_CASE(in_evaluation_holds_outputs_only) {
  nn::Sequential net = make_net();
  net.train(false);
  const LayerDump dump(net);
  net.forward(images());
  BOOST_TEST(dump.tensors().size() == 10U);
}

BOOST_AUTO_TEST_CASE(is_saved_as_safetensors) {
  const test::TemporaryFolder folder;
  nn::Sequential net = make_net();
  const LayerDump dump(net);
  pass(net);
  dump.save(folder / "dump.safetensors");
  const io::NamedTensors expected = dump.tensors();
  const io::NamedTensors loaded = io::load_safetensors(folder / "dump.safetensors").tensors;
  BOOST_TEST_REQUIRE(loaded.size() == expected.size());
  for (std::size_t k = 0; k < loaded.size(); ++k) {
    BOOST_TEST(loaded[k].first == expected[k].first);
    BOOST_TEST(test::tensors_close(loaded[k].second, expected[k].second), loaded[k].first);
  }
}

BOOST_AUTO_TEST_CASE(refuses_a_single_layer) {
  nn::ReLU layer;
  BOOST_CHECK_THROW(LayerDump{layer}, UsageError);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
