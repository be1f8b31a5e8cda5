// SPDX-License-Identifier: MIT
#include "chapters/05_lenet/lenet.hpp"

#include <boost/test/unit_test.hpp>
#include <vector>

#include "tests/support/fixtures.hpp"
#include "tests/support/program.hpp"

namespace {

using namespace cnn;

BOOST_AUTO_TEST_SUITE(lenet)

BOOST_AUTO_TEST_CASE(has_the_shapes_of_the_book) {
  Rng rng(0);
  const nn::Sequential net = make_lenet(1, 10, rng);
  std::vector<std::string> shapes;
  for (const nn::SummaryRow& row : nn::summarize(net, {1, 1, 28, 28}).rows)
    shapes.push_back(to_string(row.output_shape));
  const std::vector<std::string> expected{
      "[1, 6, 24, 24]", "[1, 6, 24, 24]", "[1, 6, 12, 12]", "[1, 16, 8, 8]", "[1, 16, 8, 8]", "[1, 16, 4, 4]",
      "[1, 256]",       "[1, 120]",       "[1, 120]",       "[1, 84]",       "[1, 84]",       "[1, 10]"};
  BOOST_TEST(shapes == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(has_the_parameters_and_operations_of_the_book) {
  Rng rng(0);
  const nn::Summary summary = nn::summarize(make_lenet(1, 10, rng), {1, 1, 28, 28});
  BOOST_TEST(summary.parameters == 44'426);
  BOOST_TEST(summary.macs == 281'640);
}

BOOST_AUTO_TEST_CASE(names_its_weights_as_the_book_s_class) {
  Rng rng(0);
  nn::Sequential net = make_lenet(1, 10, rng);
  const auto expected = test::fixture("state_dicts/lenet.json");
  const io::NamedTensors own = state_dict(net);
  BOOST_TEST(own.size() == expected.size());
  for (const auto& [name, tensor] : own) {
    BOOST_TEST_REQUIRE(expected.contains(name), name);
    BOOST_TEST(tensor.shape() == expected[name].get<Shape>(), boost::test_tools::per_element());
  }
}

BOOST_AUTO_TEST_CASE(draws_the_weights_of_pytorch_for_seed_7) {
  Rng rng(7);
  nn::Sequential net = make_lenet(1, 10, rng);
  std::map<std::string, Tensor> w;
  for (const auto& [name, tensor] : state_dict(net)) w[name] = tensor;
  BOOST_TEST(w["conv.0.weight"].data()[0] == 0.0139690163F);
  BOOST_TEST(w["conv.0.weight"].data()[1] == -0.120478727F);
  BOOST_TEST(w["conv.0.bias"].data()[0] == -0.0514967442F);
  BOOST_TEST(w["conv.3.weight"].data()[0] == -0.072978586F);
  BOOST_TEST(w["fc.0.weight"].data()[0] == 0.0188345015F);
  BOOST_TEST(w["fc.4.bias"].data()[9] == 0.000286526803F);
}

BOOST_AUTO_TEST_CASE(program_saves_the_weights_of_pytorch_for_seed_7) {
  const test::TemporaryFolder folder;
  const auto run = test::run_program(
      {CNN_LENET, "--epochs", "0", "--seed", "7", "--save", (folder / "w.safetensors").string()});
  BOOST_TEST_REQUIRE(run.code == 0, run.errors);
  Rng rng(7);
  nn::Sequential net = make_lenet(1, 10, rng);
  const io::NamedTensors own = state_dict(net);
  const io::NamedTensors saved = io::load_safetensors(folder / "w.safetensors").tensors;
  BOOST_TEST_REQUIRE(saved.size() == own.size());
  for (std::size_t k = 0; k < own.size(); ++k) {
    BOOST_TEST(saved[k].first == own[k].first);
    BOOST_TEST(saved[k].second.values() == own[k].second.values(), boost::test_tools::per_element());
  }
}

BOOST_AUTO_TEST_CASE(takes_the_channels_and_classes_of_the_data) {
  Rng rng(0);
  BOOST_TEST((make_lenet(3, 5, rng).output_shape({2, 3, 28, 28}) == Shape{2, 5}));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
