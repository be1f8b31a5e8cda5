// SPDX-License-Identifier: MIT
#include "chapters/09_googlenet/googlenet.hpp"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <algorithm>

#include "tests/support/backends.hpp"
#include "tests/support/check_module.hpp"
#include "tests/support/close.hpp"
#include "tests/support/network.hpp"
#include "tests/support/program.hpp"

namespace {

using namespace cnn;

BOOST_AUTO_TEST_SUITE(googlenet)

BOOST_AUTO_TEST_CASE(has_the_shapes_of_the_book) {
  Rng rng(0);
  const nn::Sequential net = make_googlenet(1, 10, rng);
  const std::vector<std::string> expected{"[1, 64, 24, 24]", "[1, 192, 12, 12]", "[1, 480, 6, 6]",
                                          "[1, 832, 3, 3]",  "[1, 1024, 1, 1]",  "[1, 1024]",
                                          "[1, 10]"};
  BOOST_TEST(test::child_shapes(net, {1, 1, 96, 96}) == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(has_the_parameters_and_operations_of_the_book) {
  Rng rng(0);
  const nn::Summary summary = nn::summarize(make_googlenet(1, 10, rng), {1, 1, 96, 96});
  BOOST_TEST(summary.parameters == 5'977'530);
  BOOST_TEST(summary.macs == 276'066'304);
}

BOOST_AUTO_TEST_CASE(names_its_weights_as_the_book_s_class) {
  Rng rng(0);
  nn::Sequential net = make_googlenet(1, 10, rng);
  test::check_state_dict(net, "googlenet");
}

/// PyTorch initializes when a layer is made, and the book makes the layers path by path.
BOOST_AUTO_TEST_CASE(draws_its_weights_in_the_order_of_the_book) {
  Rng rng(0);
  nn::Sequential net = make_googlenet(1, 10, rng);
  const nlohmann::json sums = test::fixture("loss_traces/googlenet.json")["initial_sum_abs"];
  for (const auto& [name, parameter] : net.named_parameters()) {
    double sum = 0;
    for (const float value : parameter->value.values()) sum += std::abs(static_cast<double>(value));
    const double expected = sums[name];
    BOOST_TEST(std::abs(sum - expected) <= 1e-6 * expected, name);
  }
}

BOOST_AUTO_TEST_CASE(has_no_relu_between_the_convolutions_of_its_second_block) {
  Rng rng(0);
  nn::Sequential net = make_googlenet(1, 10, rng);
  std::vector<std::string> kinds;
  for (const nn::Leaf& leaf : net[1].leaves()) kinds.push_back(leaf.module->spec().kind);
  const std::vector<std::string> expected{"Conv2d", "Conv2d", "MaxPool2d"};
  BOOST_TEST(kinds == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(takes_images_of_other_sizes) {
  Rng rng(0);
  const nn::Sequential net = make_googlenet(1, 10, rng);
  for (const Index side : {1, 28, 64, 224})
    BOOST_TEST(to_string(net.output_shape({3, 1, side, side})) == "[3, 10]", side);
}

BOOST_AUTO_TEST_CASE(a_block_puts_the_channels_of_its_paths_behind_each_other) {
  Rng rng(0);
  const nn::Concat block = inception(3, {4, {5, 6}, {7, 8}, 9}, rng);
  BOOST_TEST(to_string(block.output_shape({2, 3, 11, 13})) == "[2, 27, 11, 13]");
  const std::vector<std::string> convolutions{"[1, 4, 2, 2]", "[1, 5, 2, 2]", "[1, 6, 2, 2]",
                                              "[1, 7, 2, 2]", "[1, 8, 2, 2]", "[1, 9, 2, 2]"};
  BOOST_TEST(test::shapes_of("Conv2d", block, {1, 3, 2, 2}) == convolutions,
             boost::test_tools::per_element());
}

/// What the paths compute alone, the block computes together, there and back.
BOOST_DATA_TEST_CASE(a_block_is_its_paths, test::backends(), backend) {
  const BackendScope scope(backend);
  Rng rng(0);
  nn::Concat block = inception(2, {1, {2, 3}, {1, 2}, 2}, rng);
  block.to(default_device());
  const Tensor x = test::on_device(test::ModuleContract::spread_values({2, 2, 5, 4}));
  const Tensor y = block.forward(x);
  const Tensor grad_y = test::on_device(test::ModuleContract::spread_values(y.shape()));
  const Tensor grad_x = block.backward(grad_y);
  Tensor sum = Tensor::zeros(x.shape(), x.device());
  Index first = 0;
  for (std::size_t k = 0; k < block.size(); ++k) {
    const Tensor part = block[k].forward(x);
    const Index width = part.shape()[1];
    BOOST_TEST(test::tensors_close(part, y.channels(first, width)));
    ops::add_scaled_inplace(sum, block[k].backward(grad_y.channels(first, width)));
    first += width;
  }
  BOOST_TEST(first == 8);
  BOOST_TEST(test::tensors_close(grad_x, sum));
}

/// Biases so large that every ReLU stays open: no small change crosses a kink.
BOOST_DATA_TEST_CASE(a_block_keeps_the_contract_of_a_module, test::backends(), backend) {
  Rng rng(3);
  nn::Concat block = inception(2, {1, {2, 2}, {1, 2}, 1}, rng);
  for (nn::Parameter* p : block.parameters()) {
    if (p->name == "bias") std::ranges::fill(p->value.values(), 5.0F);
  }
  test::check_module(backend, std::move(block), {2, 2, 3, 3});
}

BOOST_AUTO_TEST_CASE(program_trains_on_smaller_images) {
  const test::TemporaryFolder folder;
  const auto run = test::run_program(
      {CNN_PROGRAM, "--preset", "smoke", "--image-size", "32", "--out", (folder / "run").string()});
  BOOST_TEST_REQUIRE(run.code == 0, run.errors);
  BOOST_TEST(run.output.find("epoch 1, loss 2.3") != std::string::npos, run.output);
}

BOOST_AUTO_TEST_CASE(takes_the_channels_and_classes_of_the_data) {
  Rng rng(0);
  BOOST_TEST((make_googlenet(3, 5, rng).output_shape({2, 3, 96, 96}) == Shape{2, 5}));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
