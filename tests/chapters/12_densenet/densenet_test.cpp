// SPDX-License-Identifier: MIT
#include "chapters/12_densenet/densenet.hpp"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cmath>

#include "tests/support/backends.hpp"
#include "tests/support/check_module.hpp"
#include "tests/support/close.hpp"
#include "tests/support/network.hpp"
#include "tests/support/program.hpp"

namespace {

using namespace cnn;

BOOST_AUTO_TEST_SUITE(densenet)

/// Shifts so large that every ReLU stays open: no small change crosses a kink.
nn::Sequential with_open_relus(nn::Sequential&& net) {
  for (const auto& [name, parameter] : net.named_parameters()) {
    if (name.ends_with("0.bias")) std::ranges::fill(parameter->value.values(), 5.0F);  // of a normalization
  }
  return std::move(net);
}

BOOST_AUTO_TEST_CASE(has_the_shapes_of_the_book) {
  Rng rng(0);
  const nn::Sequential net = make_densenet(1, 10, 32, rng);
  const std::vector<std::string> expected{
      "[1, 64, 48, 48]", "[1, 64, 48, 48]",  "[1, 64, 48, 48]", "[1, 64, 24, 24]", "[1, 192, 24, 24]",
      "[1, 96, 12, 12]", "[1, 224, 12, 12]", "[1, 112, 6, 6]",  "[1, 240, 6, 6]",  "[1, 120, 3, 3]",
      "[1, 248, 3, 3]",  "[1, 248, 3, 3]",   "[1, 248, 3, 3]",  "[1, 248, 1, 1]",  "[1, 10]"};
  BOOST_TEST(test::child_shapes(net, {1, 1, 96, 96}) == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(blocks_have_the_shapes_of_the_book) {
  Rng rng(0);
  const Tensor y = dense_block(2, 3, 10, rng).forward(Tensor::zeros({4, 3, 8, 8}));
  BOOST_TEST(to_string(y.shape()) == "[4, 23, 8, 8]");
  BOOST_TEST(to_string(transition_block(23, 10, rng).forward(y).shape()) == "[4, 10, 4, 4]");
}

BOOST_AUTO_TEST_CASE(has_the_parameters_and_operations_of_the_book) {
  Rng rng(0);
  const nn::Summary summary = nn::summarize(make_densenet(1, 10, 32, rng), {1, 1, 96, 96});
  BOOST_TEST(summary.parameters == 758'226);
  BOOST_TEST(summary.macs == 129'077'168);
}

BOOST_AUTO_TEST_CASE(names_its_weights_as_the_book_s_class) {
  Rng rng(0);
  nn::Sequential net = make_densenet(1, 10, 32, rng);
  test::check_state_dict(net, "densenet");
}

BOOST_AUTO_TEST_CASE(grows_by_its_growth_rate) {
  Rng rng(0);
  const nn::Sequential net = make_densenet(1, 10, 11, rng);
  const std::vector<std::string> expected{"[1, 108, 24, 24]", "[1, 54, 12, 12]", "[1, 98, 12, 12]",
                                          "[1, 49, 6, 6]",    "[1, 93, 6, 6]",   "[1, 46, 3, 3]",
                                          "[1, 90, 3, 3]"};
  const std::vector<std::string> all = test::child_shapes(net, {1, 1, 96, 96});
  BOOST_TEST(std::vector<std::string>(all.begin() + 4, all.begin() + 11) == expected,
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(takes_images_down_to_29_pixels) {
  Rng rng(0);
  const nn::Sequential net = make_densenet(1, 10, 4, rng);
  for (const Index side : {29, 32, 64, 224})
    BOOST_TEST(to_string(net.output_shape({3, 1, side, side})) == "[3, 10]", side);
  BOOST_CHECK_THROW(net.output_shape({3, 1, 28, 28}), ShapeError);
}

/// The input and the channels of each layer stay where they were put, up to the end of the block.
BOOST_DATA_TEST_CASE(a_block_keeps_all_it_has_seen, test::backends(), backend) {
  const BackendScope scope(backend);
  Rng rng(0);
  nn::Sequential block = dense_block(2, 2, 3, rng);
  Rng again(0);
  nn::Sequential first = conv_block(2, 3, again);
  nn::Sequential second = conv_block(5, 3, again);
  for (nn::Module* m : {&block, &first, &second}) m->to(default_device());
  const Tensor x = test::on_device(test::ModuleContract::spread_values({2, 2, 4, 3}));
  const Tensor y = block.forward(x);
  BOOST_TEST(test::tensors_close(y.channels(0, 2), x));
  BOOST_TEST(test::tensors_close(y.channels(2, 3), first.forward(x)));
  BOOST_TEST(test::tensors_close(y.channels(5, 3), second.forward(y.channels(0, 5))));
}

/// What goes back to the input is a sum: along each layer, and straight through.
BOOST_DATA_TEST_CASE(gradients_come_back_from_every_later_layer, test::backends(), backend) {
  const BackendScope scope(backend);
  Rng rng(0);
  nn::Sequential block = dense_block(2, 2, 3, rng);
  Rng again(0);
  nn::Sequential first = conv_block(2, 3, again);
  nn::Sequential second = conv_block(5, 3, again);
  for (nn::Module* m : {&block, &first, &second}) m->to(default_device());
  const Tensor x = test::on_device(test::ModuleContract::spread_values({2, 2, 4, 3}));
  const Tensor y = block.forward(x);
  first.forward(x);
  second.forward(y.channels(0, 5));
  const Tensor grad_y = test::on_device(test::ModuleContract::spread_values(y.shape()));
  Tensor of_five = grad_y.channels(0, 5).clone();  // of the input and of the first layer's channels
  ops::add_scaled_inplace(of_five, second.backward(grad_y.channels(5, 3)));
  Tensor of_two = of_five.channels(0, 2).clone();
  ops::add_scaled_inplace(of_two, first.backward(of_five.channels(2, 3)));
  BOOST_TEST(test::tensors_close(block.backward(grad_y), of_two, {.relative = 1e-6, .absolute = 1e-6}));
}

BOOST_DATA_TEST_CASE(blocks_keep_the_contract_of_a_module, test::backends(), backend) {
  Rng rng(3);
  test::check_module(backend, with_open_relus(dense_block(2, 2, 2, rng)), {2, 2, 4, 3}, true);
  test::check_module(backend, with_open_relus(transition_block(3, 2, rng)), {2, 3, 4, 4}, true);
}

BOOST_AUTO_TEST_CASE(program_takes_its_growth_rate_from_the_command_line_and_from_the_run) {
  const test::TemporaryFolder folder;
  const std::string out = (folder / "run").string();
  const auto run = test::run_program(
      {CNN_PROGRAM, "--preset", "smoke", "--image-size", "32", "--growth-rate", "8", "--out", out});
  BOOST_TEST_REQUIRE(run.code == 0, run.errors);
  BOOST_TEST(run.output.find("DenseBlosk_0 output shape: [1, 96, 24, 24]") != std::string::npos, run.output);
  const std::string json = test::read_text(folder / "run/run.json");
  BOOST_TEST(json.find("\"--growth-rate\": \"8\"") != std::string::npos, json);
  const std::string weights = test::read_text(folder / "run/model.safetensors");
  const auto resumed = test::run_program({CNN_PROGRAM, "--resume", out});
  BOOST_TEST_REQUIRE(resumed.code == 0, resumed.errors);
  BOOST_TEST((test::read_text(folder / "run/model.safetensors") == weights));
  const auto changed = test::run_program({CNN_PROGRAM, "--resume", out, "--growth-rate", "32"});
  BOOST_TEST(changed.code == 2);
  BOOST_TEST(changed.errors.find("--growth-rate") != std::string::npos, changed.errors);
}

BOOST_DATA_TEST_CASE(program_refuses_a_growth_rate_out_of_range,
                     boost::unit_test::data::make({"0", "-1", "129", "1.5", "x"}), rate) {
  const auto run = test::run_program({CNN_PROGRAM, "--growth-rate", rate});
  BOOST_TEST(run.code == 2);
  BOOST_TEST(run.errors.find("--growth-rate") != std::string::npos, run.errors);
}

BOOST_AUTO_TEST_CASE(takes_the_channels_and_classes_of_the_data) {
  Rng rng(0);
  BOOST_TEST((make_densenet(3, 5, 32, rng).output_shape({2, 3, 96, 96}) == Shape{2, 5}));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
