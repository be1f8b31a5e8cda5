// SPDX-License-Identifier: MIT
#include "chapters/10_batch_norm/lenet.hpp"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <cstdio>
#include <map>

#include "tests/support/backends.hpp"
#include "tests/support/network.hpp"
#include "tests/support/program.hpp"
#include "tests/support/random_tensor.hpp"

namespace {

using namespace cnn;

BOOST_AUTO_TEST_SUITE(network)

nn::Sequential lenet(const std::string& layer) {
  Rng rng(0);
  return batch_norm::make_lenet(1, 10, layer, rng);
}

std::vector<std::string> names(nn::Module& model, const std::string& start) {
  std::vector<std::string> found;
  for (const auto& [name, tensor] : state_dict(model)) {
    if (name.starts_with(start)) found.push_back(name + " " + to_string(tensor.shape()));
  }
  return found;
}

/// \return the losses of the first steps on made-up images
std::vector<double> losses(nn::Sequential model) {
  model.to(default_device());
  optim::Adam adam{model.named_parameters(), {.learning_rate = 0.001}};
  std::vector<double> result;
  for (std::uint64_t k = 0; k < 4; ++k) {
    const Tensor x = test::on_device(test::random_tensor({32, 1, 28, 28}, k));
    std::vector<std::int64_t> labels(32);
    for (std::size_t i = 0; i < labels.size(); ++i) labels[i] = static_cast<std::int64_t>(i % 10);
    model.zero_grad();
    const ops::CrossEntropy loss =
        ops::softmax_cross_entropy(model.forward(x), Tensor::from_labels({32}, labels, default_device()));
    model.backward(loss.grad);
    adam.step();
    result.push_back(loss.loss());
  }
  return result;
}

const auto both = boost::unit_test::data::make({"scratch", "library"});

BOOST_DATA_TEST_CASE(has_the_parameters_and_operations_of_the_book, both, layer) {
  const nn::Summary summary = nn::summarize(lenet(layer), {1, 1, 28, 28});
  BOOST_TEST(summary.parameters == 44'878);
  BOOST_TEST(summary.macs == 281'640);
  BOOST_TEST(summary.rows.size() == 16U);
}

BOOST_AUTO_TEST_CASE(names_its_weights_as_the_book_s_class) {
  nn::Sequential net = lenet("library");
  test::check_state_dict(net, "batch_norm");
}

BOOST_AUTO_TEST_CASE(names_its_own_layer_as_the_book_s_class) {
  nn::Sequential net = lenet("scratch");
  const std::vector<std::string> images{"1.gamma [1, 6, 1, 1]", "1.beta [1, 6, 1, 1]",
                                        "1.moving_mean [1, 6, 1, 1]", "1.moving_var [1, 6, 1, 1]"};
  const std::vector<std::string> rows{"13.gamma [1, 84]", "13.beta [1, 84]", "13.moving_mean [1, 84]",
                                      "13.moving_var [1, 84]"};
  BOOST_TEST(names(net, "1.") == images, boost::test_tools::per_element());
  BOOST_TEST(names(net, "13.") == rows, boost::test_tools::per_element());
}

BOOST_DATA_TEST_CASE(draws_the_weights_of_pytorch_for_seed_7_whatever_the_layer,
                     boost::unit_test::data::make({"scratch", "library", "none"}), layer) {
  Rng rng(7);
  nn::Sequential net = batch_norm::make_lenet(1, 10, layer, rng);
  std::map<std::string, Tensor> w;
  for (const auto& [name, tensor] : state_dict(net)) w[name] = tensor;
  BOOST_TEST(w["0.weight"].data()[0] == 0.0139690163F);
  BOOST_TEST(w["0.bias"].data()[0] == -0.0514967442F);
  BOOST_TEST(w["4.weight"].data()[0] == -0.072978586F);
  BOOST_TEST(w["9.weight"].data()[0] == 0.0188345015F);
  BOOST_TEST(w["15.bias"].data()[9] == 0.000286526803F);
}

BOOST_AUTO_TEST_CASE(without_batch_normalization_has_the_parameters_of_section_5_5) {
  BOOST_TEST(nn::summarize(lenet("none"), {1, 1, 28, 28}).parameters == 44'426);
}

BOOST_DATA_TEST_CASE(both_layers_train_alike, test::backends(), backend) {
  const BackendScope scope(backend);
  const std::vector<double> own = losses(lenet("scratch"));
  const std::vector<double> library = losses(lenet("library"));
  for (std::size_t k = 0; k < own.size(); ++k) BOOST_TEST(std::abs(own[k] - library[k]) < 1e-4);
  BOOST_TEST(own.back() < own.front());
}

BOOST_DATA_TEST_CASE(program_prints_what_the_first_layer_has_learned, both, layer) {
  const test::TemporaryFolder folder;
  const auto run = test::run_program(
      {CNN_PROGRAM, "--preset", "smoke", "--layer", layer, "--out", (folder / "run").string()});
  BOOST_TEST_REQUIRE(run.code == 0, run.errors);
  nn::Sequential trained = lenet(layer);
  load_weights(folder / "run/model.safetensors", trained);
  std::string text = "\n";
  for (const auto& [name, parameter] : trained.named_parameters()) {
    if (!name.starts_with("1.")) continue;
    text += parameter->name == "gamma" || parameter->name == "weight" ? "gamma" : "beta ";
    for (const float value : parameter->value.values()) {
      char number[16];
      std::snprintf(number, sizeof number, " %7.4f", static_cast<double>(value));
      text += number;
    }
    text += "\n";
  }
  BOOST_TEST(run.output.find(text) != std::string::npos, run.output + "has no" + text);
}

BOOST_AUTO_TEST_CASE(program_refuses_another_layer) {
  const auto run = test::run_program({CNN_PROGRAM, "--layer", "own"});
  BOOST_TEST(run.code == 2);
  BOOST_TEST(run.errors.find("--layer") != std::string::npos, run.errors);
}

BOOST_AUTO_TEST_CASE(program_refuses_weights_of_the_other_layer) {
  const test::TemporaryFolder folder;
  const std::string weights = (folder / "w.safetensors").string();
  BOOST_TEST_REQUIRE(
      test::run_program({CNN_PROGRAM, "--epochs", "0", "--layer", "scratch", "--save", weights}).code == 0);
  const auto run = test::run_program({CNN_PROGRAM, "--data", test::fixture_images().string(), "--epochs", "0",
                                      "--layer", "library", "--load", weights});
  BOOST_TEST(run.code == 1);
  BOOST_TEST(run.errors.find("'1.weight'") != std::string::npos, run.errors);
}

BOOST_AUTO_TEST_CASE(takes_the_channels_and_classes_of_the_data) {
  Rng rng(0);
  BOOST_TEST((batch_norm::make_lenet(3, 5, "scratch", rng).output_shape({2, 3, 28, 28}) == Shape{2, 5}));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
