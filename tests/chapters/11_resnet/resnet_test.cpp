// SPDX-License-Identifier: MIT
#include "chapters/11_resnet/resnet.hpp"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <cmath>
#include <string>

#include "tests/support/backends.hpp"
#include "tests/support/check_module.hpp"
#include "tests/support/close.hpp"
#include "tests/support/network.hpp"
#include "tests/support/program.hpp"

namespace {

using namespace cnn;

BOOST_AUTO_TEST_SUITE(resnet)

BOOST_AUTO_TEST_CASE(has_the_shapes_of_the_book) {
  Rng rng(0);
  const nn::Sequential net = make_resnet18(1, 10, rng);
  const std::vector<std::string> expected{
      "[1, 64, 112, 112]", "[1, 64, 112, 112]", "[1, 64, 112, 112]", "[1, 64, 56, 56]", "[1, 64, 56, 56]",
      "[1, 128, 28, 28]",  "[1, 256, 14, 14]",  "[1, 512, 7, 7]",    "[1, 512, 1, 1]",  "[1, 10]"};
  BOOST_TEST(test::child_shapes(net, {1, 1, 224, 224}) == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(blocks_have_the_shapes_of_the_book) {
  Rng rng(0);
  BOOST_TEST(to_string(residual_block(3, 3, {}, rng).forward(Tensor::zeros({4, 3, 6, 6})).shape()) ==
             "[4, 3, 6, 6]");
  nn::Sequential half = residual_block(3, 6, {.use_1x1conv = true, .stride = 2}, rng);
  BOOST_TEST(to_string(half.forward(Tensor::zeros({4, 3, 6, 6})).shape()) == "[4, 6, 3, 3]");
}

BOOST_AUTO_TEST_CASE(has_the_parameters_and_operations_of_the_book) {
  Rng rng(0);
  const nn::Sequential net = make_resnet18(1, 10, rng);
  const nn::Summary trained = nn::summarize(net, {1, 1, 96, 96});
  BOOST_TEST(trained.parameters == 11'178'378);
  BOOST_TEST(trained.macs == 318'657'536);
  BOOST_TEST(nn::summarize(net, {1, 1, 224, 224}).macs == 1'734'890'496);
}

/// The three convolutions of 1 x 1 are gone: 64 * 128 + 128, 128 * 256 + 256, 256 * 512 + 512.
BOOST_AUTO_TEST_CASE(a_plain_network_lacks_the_shortcuts_only) {
  Rng rng(0);
  const nn::Sequential net = make_resnet(1, 10, {.plain = true}, rng);
  BOOST_TEST(nn::summarize(net, {1, 1, 96, 96}).parameters == 11'178'378 - 8'320 - 33'024 - 131'584);
}

BOOST_AUTO_TEST_CASE(deeper_networks_have_more_blocks_of_the_same_shapes) {
  Rng rng(0);
  nn::Sequential net = make_resnet(1, 10, {.blocks = 3}, rng);
  Index convolutions = 0;
  for (const nn::Leaf& leaf : net.leaves()) convolutions += leaf.module->spec().kind == "Conv2d" ? 1 : 0;
  BOOST_TEST(convolutions == 1 + 4 * 3 * 2 + 3);
  BOOST_TEST((net.output_shape({2, 1, 96, 96}) == Shape{2, 10}));
}

BOOST_AUTO_TEST_CASE(names_its_weights_as_the_book_s_class) {
  Rng rng(0);
  nn::Sequential net = make_resnet18(1, 10, rng);
  test::check_state_dict(net, "resnet");
}

/// PyTorch initializes when a layer is made, and the book makes conv3 after conv2.
BOOST_AUTO_TEST_CASE(draws_its_weights_in_the_order_of_the_book) {
  Rng rng(0);
  nn::Sequential net = make_resnet18(1, 10, rng);
  const nlohmann::json sums = test::fixture("loss_traces/resnet.json")["initial_sum_abs"];
  for (const auto& [name, parameter] : net.named_parameters()) {
    double sum = 0;
    for (const float value : parameter->value.values()) sum += std::abs(static_cast<double>(value));
    const double expected = sums[name];
    BOOST_TEST(std::abs(sum - expected) <= 1e-6 * expected, name);
  }
}

/// With gamma of the second normalization at 0 the body computes 0, and only the shortcut is left.
BOOST_DATA_TEST_CASE(adds_to_its_input, test::backends(), backend) {
  const BackendScope scope(backend);
  Rng rng(0);
  nn::Sequential block = residual_block(3, 3, {}, rng);
  test::set_parameters(block, "bn2.weight", 0);
  block.to(default_device());
  const Tensor x = test::on_device(test::ModuleContract::spread_values({2, 3, 4, 4}));
  const Tensor y = block.forward(x);
  BOOST_TEST(test::tensors_close(y, ops::relu(x)));
  const Tensor grad_y = test::on_device(test::ModuleContract::spread_values({2, 3, 4, 4}));
  BOOST_TEST(test::tensors_close(block.backward(grad_y), ops::relu_backward(grad_y, y)));
}

BOOST_DATA_TEST_CASE(adds_to_what_its_1x1_convolution_makes_of_the_input, test::backends(), backend) {
  const BackendScope scope(backend);
  Rng rng(0);
  nn::Sequential block = residual_block(2, 3, {.use_1x1conv = true, .stride = 2}, rng);
  test::set_parameters(block, "bn2.weight", 0);
  Rng again(0);
  const nn::Conv2d conv1{2, 3, {.kernel = 3}, again};
  const nn::Conv2d conv2{3, 3, {.kernel = 3}, again};
  nn::Conv2d conv3{2, 3, {.kernel = 1, .stride = 2}, again};
  block.to(default_device());
  conv3.to(default_device());
  const Tensor x = test::on_device(test::ModuleContract::spread_values({2, 2, 5, 4}));
  BOOST_TEST(test::tensors_close(block.forward(x), ops::relu(conv3.forward(x))));
}

/// Shifts so large that every ReLU stays open: no small change crosses a kink.
BOOST_DATA_TEST_CASE(a_block_keeps_the_contract_of_a_module, test::backends(), backend) {
  for (const bool use_1x1conv : {false, true}) {
    Rng rng(3);
    const Index stride = use_1x1conv ? 2 : 1;
    nn::Sequential block =
        residual_block(2, use_1x1conv ? 3 : 2, {.use_1x1conv = use_1x1conv, .stride = stride}, rng);
    test::set_parameters(block, "bn1.bias", 5);
    test::set_parameters(block, "bn2.bias", 8);
    test::check_module(backend, std::move(block), {3, 2, 5, 5}, true);
  }
}

BOOST_AUTO_TEST_CASE(a_block_refuses_to_add_what_does_not_fit) {
  Rng rng(0);
  BOOST_CHECK_THROW(residual_block(3, 6, {}, rng).output_shape({4, 3, 6, 6}), ShapeError);
  BOOST_CHECK_THROW(residual_block(3, 3, {.stride = 2}, rng).output_shape({4, 3, 6, 6}), ShapeError);
  BOOST_CHECK_THROW(residual_block(3, 6, {}, rng).forward(Tensor::zeros({4, 3, 6, 6})), ShapeError);
}

BOOST_AUTO_TEST_CASE(only_later_stages_halve_the_image) {
  Rng rng(0);
  BOOST_TEST(to_string(resnet_block(4, 4, 2, true, rng).output_shape({1, 4, 8, 8})) == "[1, 4, 8, 8]");
  BOOST_TEST(to_string(resnet_block(4, 8, 3, false, rng).output_shape({1, 4, 8, 8})) == "[1, 8, 4, 4]");
  BOOST_TEST(resnet_block(4, 8, 3, false, rng).size() == 3U);
}

BOOST_AUTO_TEST_CASE(program_trains_on_smaller_images) {
  const test::TemporaryFolder folder;
  const auto run = test::run_program(
      {CNN_PROGRAM, "--preset", "smoke", "--image-size", "32", "--out", (folder / "run").string()});
  BOOST_TEST_REQUIRE(run.code == 0, run.errors);
  BOOST_TEST(run.output.find("epoch 1, loss ") != std::string::npos, run.output);
}

BOOST_AUTO_TEST_CASE(program_trains_a_plain_network) {
  const test::TemporaryFolder folder;
  const auto run =
      test::run_program({CNN_PROGRAM, "--preset", "smoke", "--image-size", "32", "--shortcuts", "no",
                         "--blocks", "1", "--watch", "1", "--out", (folder / "run").string()});
  BOOST_TEST_REQUIRE(run.code == 0, run.errors);
  BOOST_TEST(run.output.find("resnet_block4.0.conv2 ") != std::string::npos, run.output);
  BOOST_TEST(run.output.find("conv3") == std::string::npos, run.output);
}

BOOST_AUTO_TEST_CASE(takes_the_channels_and_classes_of_the_data) {
  Rng rng(0);
  BOOST_TEST((make_resnet18(3, 5, rng).output_shape({2, 3, 96, 96}) == Shape{2, 5}));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
