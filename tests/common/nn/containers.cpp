// SPDX-License-Identifier: MIT
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "common/nn/activation.hpp"
#include "common/nn/conv2d.hpp"
#include "common/nn/flatten.hpp"
#include "common/nn/identity.hpp"
#include "common/nn/linear.hpp"
#include "common/nn/pool2d.hpp"
#include "common/nn/residual.hpp"
#include "common/nn/sequential.hpp"
#include "tests/support/backends.hpp"
#include "tests/support/check_module.hpp"

using namespace cnn;
using cnn::test::check_module;
using host = std::vector<float>;

BOOST_AUTO_TEST_SUITE(containers)

namespace {

std::string names(nn::Module& module) {
  std::string text;
  for (const auto& p : module.named_parameters()) text += p.name + " ";
  return text;
}

nn::Conv2d conv3x3(Index in, Index out, Rng& rng) {
  return nn::Conv2d{in, out, {.kernel = 3, .padding = 1}, rng};
}

}  // namespace

BOOST_DATA_TEST_CASE(sequential, test::backends(), backend) {
  Rng rng(1);
  check_module(backend,
               nn::Sequential{nn::Conv2d{1, 2, {.kernel = 3}, rng}, nn::Sigmoid{},
                              nn::MaxPool2d{{.kernel = 2, .stride = 2}}, nn::Flatten{}, nn::Linear{8, 3, rng},
                              nn::Sigmoid{}, nn::Linear{3, 2, rng}},
               {2, 1, 6, 6});
  check_module(backend, nn::Sequential{nn::Flatten{}, nn::Linear{4, 3, rng}}, {2, 1, 2, 2});
  check_module(backend, nn::Sequential{nn::Identity{}, nn::Sigmoid{}, nn::Flatten{}}, {2, 1, 2, 2});
}

BOOST_DATA_TEST_CASE(nested, test::backends(), backend) {
  Rng rng(1);
  check_module(backend,
               nn::Sequential{{"conv", nn::Sequential{nn::Conv2d{2, 2, {.kernel = 2}, rng}, nn::Sigmoid{}}},
                              {"", nn::Flatten{}},
                              {"fc", nn::Sequential{{"out", nn::Linear{8, 2, rng}}}}},
               {2, 2, 3, 3});
}

BOOST_DATA_TEST_CASE(residual, test::backends(), backend) {
  Rng rng(1);
  check_module(
      backend,
      nn::Residual{nn::Sequential{conv3x3(2, 2, rng), nn::Sigmoid{}, conv3x3(2, 2, rng)}, nn::Identity{}},
      {2, 2, 3, 3});
  check_module(backend, nn::Residual{conv3x3(1, 2, rng), nn::Conv2d{1, 2, {}, rng}}, {1, 1, 3, 3});
  check_module(backend, nn::Sequential{nn::Residual{nn::Sigmoid{}, nn::Identity{}}, nn::Sigmoid{}},
               {1, 1, 3, 3});
}

BOOST_DATA_TEST_CASE(residual_of_identities_leaves_x_alone, test::backends(), backend) {
  check_module(backend, nn::Residual{nn::Identity{}, nn::Identity{}}, {1, 2, 2, 2});
  check_module(backend, nn::Residual{nn::Identity{}, nn::Sigmoid{}}, {1, 2, 2, 2});
  check_module(backend, nn::Residual{nn::ReLU{}, nn::Identity{}}, {1, 2, 2, 2});
  const BackendScope scope(backend);
  const Device device = default_device();
  const Tensor x = Tensor::from_values({2}, host{1, -2}, device);
  nn::Residual twice{nn::Identity{}, nn::Identity{}};
  BOOST_TEST(test::ModuleContract::host(twice.forward(x)) == (host{2, -4}), boost::test_tools::per_element());
  BOOST_TEST(test::ModuleContract::host(twice.backward(x)) == (host{2, -4}),
             boost::test_tools::per_element());
  BOOST_TEST(test::ModuleContract::host(x) == (host{1, -2}), boost::test_tools::per_element());
  BOOST_TEST(test::ModuleContract::host(twice.forward(x.clone())) == (host{2, -4}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(keys_are_those_of_pytorch) {
  Rng rng(1);
  nn::Sequential net{
      {"conv", nn::Sequential{nn::Conv2d{1, 1, {}, rng}, nn::Sigmoid{}, nn::Conv2d{1, 1, {}, rng}}},
      {"", nn::Flatten{}},
      {"fc", nn::Sequential{nn::Linear{1, 1, rng, {.bias = false}}, nn::Linear{1, 1, rng}}}};
  BOOST_TEST(names(net) ==
             "conv.0.weight conv.0.bias conv.2.weight conv.2.bias fc.0.weight fc.1.weight fc.1.bias ");
}

BOOST_AUTO_TEST_CASE(an_empty_name_uses_up_no_number) {
  Rng rng(1);
  nn::Sequential net{
      {"", nn::Flatten{}}, nn::Linear{1, 1, rng}, {"mid", nn::Linear{1, 1, rng}}, nn::Linear{1, 1, rng}};
  BOOST_TEST(names(net) == "0.weight 0.bias mid.weight mid.bias 2.weight 2.bias ");
  nn::Residual block{{"", nn::Sequential{{"conv1", nn::Conv2d{1, 1, {}, rng}}, {"", nn::ReLU{}}}},
                     {"", nn::Sequential{{"conv3", nn::Conv2d{1, 1, {}, rng}}}}};
  BOOST_TEST(names(block) == "conv1.weight conv1.bias conv3.weight conv3.bias ");
}

BOOST_AUTO_TEST_CASE(two_tensors_of_one_name_are_refused) {
  Rng rng(1);
  BOOST_CHECK_THROW((nn::Sequential{{"a", nn::Linear{1, 1, rng}}, {"a", nn::Linear{1, 1, rng}}}), UsageError);
}

BOOST_AUTO_TEST_CASE(parameters_stay_where_they_are_when_a_network_moves) {
  Rng rng(1);
  nn::Sequential net{nn::Linear{2, 2, rng}};
  nn::Parameter* const weight = net.parameters()[0];
  nn::Sequential moved = std::move(net);
  const nn::Sequential outer{{"net", std::move(moved)}, nn::Sigmoid{}};
  const auto& inner = dynamic_cast<const nn::Sequential&>(outer[0]);
  BOOST_TEST(&dynamic_cast<const nn::Linear&>(inner[0]).weight() == weight);
}

BOOST_AUTO_TEST_CASE(leaves_have_full_names) {
  Rng rng(1);
  const nn::Sequential net{
      {"body", nn::Residual{nn::Sequential{nn::Sigmoid{}, nn::ReLU{}}, {"skip", nn::Identity{}}}},
      {"", nn::Flatten{}}};
  std::string text;
  for (const nn::Leaf& leaf : net.leaves()) text += leaf.name + ":" + leaf.module->spec().kind + " ";
  BOOST_TEST(text == "body.0.0:Sigmoid body.0.1:ReLU body.skip:Identity :Flatten ");
  BOOST_TEST(net[0].children()[1].name == "skip");
}

BOOST_AUTO_TEST_CASE(train_reaches_every_layer) {
  nn::Sequential net{{"inner", nn::Sequential{nn::Sigmoid{}}}};
  net.train(false);
  BOOST_TEST(!net.leaves()[0].module->is_training());
  net.train(true);
  BOOST_TEST(net.leaves()[0].module->is_training());
}

BOOST_AUTO_TEST_CASE(only_the_first_layer_skips_the_gradient_of_its_input) {
  Rng rng(1);
  nn::Sequential net{{"a", nn::Sequential{nn::Linear{2, 2, rng}, nn::Linear{2, 2, rng}}},
                     nn::Linear{2, 1, rng}};
  net.set_input_grad_needed(false);
  const Tensor y = net.forward(Tensor::zeros({1, 2}));
  BOOST_TEST(!net.backward(y).defined());
  for (const nn::Parameter* p : net.parameters()) BOOST_TEST(p->grad.defined());
}

BOOST_AUTO_TEST_CASE(zero_grad_drops_gradients) {
  Rng rng(1);
  nn::Sequential net{nn::Linear{2, 2, rng}};
  net.backward(net.forward(Tensor::zeros({1, 2})));
  net.zero_grad();
  for (const nn::Parameter* p : net.parameters()) BOOST_TEST(!p->grad.defined());
}

BOOST_AUTO_TEST_CASE(branches_of_different_shapes_are_refused) {
  Rng rng(1);
  nn::Residual block{nn::Conv2d{1, 1, {.kernel = 2}, rng}, nn::Identity{}};
  BOOST_CHECK_THROW(block.output_shape({1, 1, 3, 3}), ShapeError);
  BOOST_CHECK_THROW(block.forward(Tensor::zeros({1, 1, 3, 3})), ShapeError);
}

BOOST_AUTO_TEST_SUITE_END()
