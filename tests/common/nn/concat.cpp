// SPDX-License-Identifier: MIT
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "common/nn/activation.hpp"
#include "common/nn/batch_norm.hpp"
#include "common/nn/concat.hpp"
#include "common/nn/conv2d.hpp"
#include "common/nn/global_avg_pool2d.hpp"
#include "common/nn/identity.hpp"
#include "common/nn/pool2d.hpp"
#include "common/nn/residual.hpp"
#include "common/nn/sequential.hpp"
#include "common/nn/summary.hpp"
#include "common/nn/tree.hpp"
#include "tests/support/backends.hpp"
#include "tests/support/check_module.hpp"
#include "tests/support/close.hpp"
#include "tests/support/random_tensor.hpp"

using namespace cnn;
using test::check_module;
using test::on_device;
using test::tensors_close;

BOOST_AUTO_TEST_SUITE(concat)

namespace {

nn::Conv2d conv(Index in, Index out, Index kernel, Rng& rng) {
  return nn::Conv2d{in, out, {.kernel = kernel, .padding = kernel / 2}, rng};
}

/// The four ways through a block of GoogLeNet, with sigmoids for the sake of difference quotients.
nn::Concat inception(Rng& rng) {
  return nn::Concat{
      {"a", nn::Sequential{conv(2, 1, 1, rng), nn::Sigmoid{}}},
      {"b", nn::Sequential{conv(2, 2, 1, rng), nn::Sigmoid{}, conv(2, 3, 3, rng)}},
      {"c", nn::Sequential{conv(2, 1, 1, rng), nn::Sigmoid{}, conv(1, 2, 5, rng)}},
      {"d", nn::Sequential{nn::MaxPool2d{{.kernel = 3, .stride = 1, .padding = 1}}, conv(2, 1, 1, rng)}}};
}

}  // namespace

BOOST_DATA_TEST_CASE(keeps_the_contract, test::backends(), backend) {
  Rng rng(1);
  check_module(backend, inception(rng), {2, 2, 4, 4});
  check_module(backend, nn::Concat{nn::Identity{}, conv(2, 3, 3, rng)}, {2, 2, 3, 3});
  check_module(backend, nn::Concat{conv(2, 3, 3, rng), nn::Identity{}}, {2, 2, 3, 3});
  check_module(backend, nn::Concat{nn::Identity{}, nn::Identity{}}, {2, 2, 3, 3});
  check_module(backend, nn::Concat{nn::Sigmoid{}}, {2, 2, 3, 3});
  check_module(backend,
               nn::Sequential{nn::Concat{nn::Identity{}, nn::Sequential{nn::BatchNorm2d{2}, nn::Sigmoid{},
                                                                        conv(2, 2, 3, rng)}},
                              nn::AvgPool2d{{.kernel = 2, .stride = 2}}, nn::Sigmoid{}},
               {3, 2, 4, 4}, true);
}

BOOST_DATA_TEST_CASE(global_average_keeps_the_contract, test::backends(), backend) {
  check_module(backend, nn::GlobalAvgPool2d{}, {2, 3, 4, 5});
  check_module(backend, nn::GlobalAvgPool2d{}, {3, 2, 1, 1});
}

BOOST_DATA_TEST_CASE(branches_that_work_in_place_spoil_nothing, test::backends(), backend) {
  const BackendScope scope(backend);
  const Tensor x = on_device(Tensor::from_values({1, 1, 1, 2}, std::vector<float>{-1, 2}));
  const Tensor both = Tensor::from_values({1, 2, 1, 2}, std::vector<float>{-1, 2, 0, 2});
  const Tensor swapped = Tensor::from_values({1, 2, 1, 2}, std::vector<float>{0, 2, -1, 2});
  BOOST_TEST(tensors_close(nn::Concat{nn::Identity{}, nn::ReLU{}}.forward(x.clone()), both));
  BOOST_TEST(tensors_close(nn::Concat{nn::ReLU{}, nn::Identity{}}.forward(x.clone()), swapped));
  nn::Concat block{nn::Identity{}, nn::ReLU{}};
  block.forward(x.clone());
  const Tensor grad_y = on_device(Tensor::from_values({1, 2, 1, 2}, std::vector<float>{1, 10, 100, 1000}));
  BOOST_TEST(tensors_close(block.backward(grad_y.clone()),
                           Tensor::from_values({1, 1, 1, 2}, std::vector<float>{1, 1010})));
}

BOOST_AUTO_TEST_CASE(names_are_those_of_the_branches) {
  Rng rng(1);
  nn::Concat block{{"b1", conv(1, 1, 1, rng)},
                   {"b2", nn::Sequential{conv(1, 1, 1, rng), conv(1, 1, 3, rng)}}};
  std::string names;
  for (const auto& p : block.named_parameters()) names += p.name + " ";
  BOOST_TEST(names == "b1.weight b1.bias b2.0.weight b2.0.bias b2.1.weight b2.1.bias ");
  BOOST_TEST(block.spec().kind == "Concat");
}

BOOST_AUTO_TEST_CASE(the_layer_table_follows_each_branch) {
  Rng rng(1);
  const nn::Concat block = inception(rng);
  const nn::Flow y = nn::trace(block, {{1, 2, 8, 8}});
  BOOST_TEST(to_string(y.shape) == "[1, 7, 8, 8]");
  BOOST_TEST(to_string(y.field.size) == "5x5");
  const nn::Summary s = nn::summarize(block, {1, 2, 8, 8});
  BOOST_TEST(s.rows.size() == 10U);
  BOOST_TEST(s.rows[0].name == "a.0");
  BOOST_TEST(s.parameters == block.cost({1, 2, 8, 8}).parameters);
  BOOST_TEST(nn::trace(nn::GlobalAvgPool2d{}, {{1, 2, 8, 8}}).field.all);
}

BOOST_AUTO_TEST_CASE(what_does_not_fit_is_refused) {
  const BackendScope scope("reference");
  Rng rng(1);
  nn::Concat block{nn::Identity{}, nn::Conv2d{1, 1, {.kernel = 3}, rng}};
  BOOST_CHECK_THROW(block.output_shape({2, 1, 4, 4}), ShapeError);
  BOOST_CHECK_THROW(block.forward(Tensor::zeros({2, 1, 4, 4})), ShapeError);
  BOOST_CHECK_THROW(nn::Concat({}), UsageError);
  nn::GlobalAvgPool2d pool;
  BOOST_CHECK_THROW(pool.forward(Tensor::zeros({2, 3})), ShapeError);
  BOOST_CHECK_THROW(pool.forward(Tensor::zeros({2, 3, 0, 1})), ShapeError);
  nn::Concat pair{nn::Identity{}, nn::Identity{}};
  pair.forward(Tensor::zeros({1, 1, 2, 2}));
  BOOST_CHECK_THROW(pair.backward(Tensor::zeros({1, 3, 2, 2})), ShapeError);
}

BOOST_DATA_TEST_CASE(same_bits_with_any_threads, test::backends(), backend) {
  const BackendScope scope(backend);
  const auto gradient = [](int threads) {
    const test::ThreadScope used(threads);
    Rng rng(1);
    nn::Concat block = inception(rng);
    block.to(default_device());
    const Tensor y = block.forward(on_device(test::random_tensor({20, 2, 9, 9}, 3)));
    return block.backward(y);
  };
  const Tensor expected = gradient(1);
  for (const int threads : {2, 4}) BOOST_TEST(tensors_close(gradient(threads), expected));
}

BOOST_AUTO_TEST_SUITE_END()
