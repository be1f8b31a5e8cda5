// SPDX-License-Identifier: MIT
// Weights and checkpoints bring back all of a network's state: running statistics and counters too.
#include <unistd.h>

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <fstream>
#include <limits>

#include "common/backend/backend.hpp"
#include "common/core/check.hpp"
#include "common/nn/batch_norm.hpp"
#include "common/nn/conv2d.hpp"
#include "common/nn/sequential.hpp"
#include "common/train/checkpoint.hpp"
#include "common/train/weights.hpp"
#include "tests/support/close.hpp"
#include "tests/support/program.hpp"
#include "tests/support/random_tensor.hpp"

using namespace cnn;
using test::tensors_close;

namespace {

nn::Sequential network(std::uint64_t seed) {
  Rng rng(seed);
  return {{"conv", nn::Conv2d{1, 2, {.kernel = 3}, rng}}, {"bn", nn::BatchNorm2d{2}}};
}

nn::Sequential trained() {
  nn::Sequential net = network(1);
  for (std::uint64_t seed = 0; seed < 3; ++seed) net.forward(test::random_tensor({4, 1, 5, 5}, seed));
  return net;
}

void check_same(nn::Module& a, nn::Module& b) {
  const io::NamedTensors left = state_dict(a);
  const io::NamedTensors right = state_dict(b);
  BOOST_REQUIRE_EQUAL(left.size(), right.size());
  for (std::size_t i = 0; i < left.size(); ++i) {
    BOOST_TEST(left[i].first == right[i].first);
    BOOST_TEST(tensors_close(left[i].second, right[i].second), left[i].first);
  }
  a.train(false);
  b.train(false);
  const Tensor x = test::random_tensor({2, 1, 5, 5}, 9);
  BOOST_TEST(tensors_close(a.forward(x), b.forward(x)));
}

std::int64_t counter(nn::Module& net) { return *state_dict(net).back().second.labels(); }

/// A predicate for BOOST_CHECK_EXCEPTION: the message holds the text.
auto mentions(std::string text) {
  return [text = std::move(text)](const std::exception& e) {
    BOOST_TEST_MESSAGE(e.what());
    return std::string(e.what()).find(text) != std::string::npos;
  };
}

/// What the work prints on standard error.
std::string stderr_of(const test::TemporaryFolder& folder, const std::function<void()>& work) {
  const std::string path = (folder / "stderr").string();
  std::fflush(stderr);
  const int old = ::dup(2);
  std::FILE* const file = std::fopen(path.c_str(), "w");
  ::dup2(::fileno(file), 2);
  work();
  std::fflush(stderr);
  ::dup2(old, 2);
  ::close(old);
  std::fclose(file);
  std::ifstream in(path);
  return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace

BOOST_AUTO_TEST_SUITE(weights)

BOOST_AUTO_TEST_CASE(a_file_brings_back_running_statistics_and_the_counter) {
  const BackendScope scope("reference");
  const test::TemporaryFolder folder;
  nn::Sequential net = trained();
  save_weights(folder / "w.safetensors", net);
  nn::Sequential other = network(2);
  load_weights(folder / "w.safetensors", other);
  check_same(other, net);
  const io::NamedTensors state = state_dict(other);
  BOOST_TEST(state.back().first == "bn.num_batches_tracked");
  BOOST_TEST(state.back().second.rank() == 0);
  BOOST_TEST(*state.back().second.labels() == 3);
}

BOOST_AUTO_TEST_CASE(so_does_a_checkpoint) {
  const BackendScope scope("reference");
  const test::TemporaryFolder folder;
  nn::Sequential net = trained();
  Checkpoint checkpoint;
  checkpoint.model = state_dict(net);
  CheckpointStore(folder / "checkpoint", "test").save(checkpoint);
  const auto loaded = CheckpointStore(folder / "checkpoint", "test").load();
  BOOST_REQUIRE(loaded.has_value());
  nn::Sequential other = network(2);
  load_state_dict(other, loaded->model, "the checkpoint");
  check_same(other, net);
}

BOOST_AUTO_TEST_CASE(a_counter_of_another_shape_is_refused) {
  const BackendScope scope("reference");
  nn::Sequential net = trained();
  io::NamedTensors state = state_dict(net);
  state.back().second = Tensor::zeros({2}, {}, DType::i64);
  BOOST_CHECK_EXCEPTION(load_state_dict(net, state, "the file"), DataError,
                        mentions("'bn.num_batches_tracked' is i64 [2] in the file, this network has i64 []"));
  BOOST_TEST(*state_dict(net).back().second.labels() == 3);
}

BOOST_AUTO_TEST_CASE(batch_norm_without_its_counter_keeps_it) {
  const BackendScope scope("reference");
  nn::Sequential net = trained();
  nn::Sequential other = network(2);
  io::NamedTensors state = state_dict(net);
  state.pop_back();
  load_state_dict(other, state, "the file");
  BOOST_TEST(counter(other) == 0);
  BOOST_TEST(tensors_close(state_dict(other).front().second, state.front().second));
  state.pop_back();  // running_var: only the counter may be missing
  BOOST_CHECK_EXCEPTION(load_state_dict(other, state, "the file"), DataError,
                        mentions("the file has no tensor 'bn.running_var', which this network needs"));
}

namespace {

/// A counter as a foreign program may have it, and what it becomes in a network that has counted nothing.
struct Counter {
  std::string name;
  Tensor tensor;
  std::int64_t becomes;
};

std::ostream& operator<<(std::ostream& out, const Counter& c) { return out << c.name; }

std::vector<Counter> counters() {
  const auto number = [](float value) { return Tensor::from_values({}, std::vector<float>{value}); };
  Tensor byte = Tensor::zeros({}, {}, DType::u8);
  *byte.pixels() = 200;
  Tensor narrow = Tensor::zeros({}, {}, DType::i32);
  *narrow.indices() = 70'000;
  return {{"float", number(7), 7},
          {"large_float", number(0x1p40F), std::int64_t{1} << 40},
          {"half_that_overflowed", number(std::numeric_limits<float>::infinity()), 0},
          {"not_a_number", number(std::nanf("")), 0},
          {"list_of_one", Tensor::from_labels({1}, std::vector<std::int64_t>{5}), 5},
          {"list_of_one_float", Tensor::from_values({1}, std::vector<float>{6}), 6},
          {"byte", byte, 200},
          {"narrow", narrow, 70'000}};
}

}  // namespace

BOOST_DATA_TEST_CASE(a_counter_of_another_type_is_converted, boost::unit_test::data::make(counters()), c) {
  const BackendScope scope("reference");
  nn::Sequential net = trained();
  nn::Sequential other = network(2);
  io::NamedTensors state = state_dict(net);
  state.back().second = c.tensor;
  load_state_dict(other, state, "the file");
  BOOST_TEST(counter(other) == c.becomes);
}

BOOST_AUTO_TEST_CASE(weights_of_whole_numbers_become_floats) {
  const BackendScope scope("reference");
  nn::Sequential net = network(1);
  io::NamedTensors state = state_dict(net);
  state[1].second = Tensor::from_labels({2}, std::vector<std::int64_t>{-3, 4});
  load_state_dict(net, state, "the file");
  BOOST_TEST(state_dict(net)[1].second.values() == (std::vector<float>{-3, 4}),
             boost::test_tools::per_element());
}

BOOST_DATA_TEST_CASE(names_of_wrappers_are_left_out,
                     boost::unit_test::data::make({"module.", "_orig_mod.", "module._orig_mod.",
                                                   "_orig_mod.module."}),
                     prefix) {
  const BackendScope scope("reference");
  nn::Sequential net = trained();
  io::NamedTensors state = state_dict(net);
  for (auto& [name, tensor] : state) name = prefix + name;
  nn::Sequential other = network(2);
  load_state_dict(other, state, "the file");
  check_same(other, net);
}

BOOST_AUTO_TEST_CASE(a_part_of_the_network_can_have_been_wrapped) {
  const BackendScope scope("reference");
  nn::Sequential net = trained();
  io::NamedTensors state = state_dict(net);
  for (auto& [name, tensor] : state) {
    if (name.starts_with("bn.")) name = "bn._orig_mod." + name.substr(3);
  }
  nn::Sequential other = network(2);
  load_state_dict(other, state, "the file");
  check_same(other, net);
}

BOOST_AUTO_TEST_CASE(a_layer_may_be_called_like_a_wrapper) {
  const BackendScope scope("reference");
  const auto make = [](std::uint64_t seed) {
    Rng rng(seed);
    return nn::Sequential{{"module", nn::Conv2d{1, 2, {.kernel = 3}, rng}}, {"bn", nn::BatchNorm2d{2}}};
  };
  nn::Sequential net = make(1);
  nn::Sequential other = make(2);
  io::NamedTensors state = state_dict(net);
  for (auto& [name, tensor] : state) name = "module." + name;
  load_state_dict(other, state, "the file");
  check_same(other, net);
}

BOOST_AUTO_TEST_CASE(a_tensor_under_two_names_is_refused) {
  const BackendScope scope("reference");
  nn::Sequential net = trained();
  io::NamedTensors state = state_dict(net);
  state.emplace_back("module.conv.bias", Tensor::zeros({2}));
  BOOST_CHECK_EXCEPTION(load_state_dict(net, state, "the file"), DataError,
                        mentions("the file holds both 'conv.bias' and 'module.conv.bias'"));
}

BOOST_AUTO_TEST_CASE(superfluous_tensors_are_counted) {
  const BackendScope scope("reference");
  nn::Sequential net = trained();
  io::NamedTensors state = state_dict(net);
  state.emplace_back("x.weight", Tensor::zeros({2}));
  BOOST_CHECK_EXCEPTION(load_state_dict(net, state, "F"), DataError,
                        mentions("F holds 'x.weight' that this"));
  state.emplace_back("y.weight", Tensor::zeros({2}));
  BOOST_CHECK_EXCEPTION(load_state_dict(net, state, "F"), DataError,
                        mentions("F holds 'x.weight' and 1 more tensor that this"));
  state.emplace_back("z.weight", Tensor::zeros({2}));
  BOOST_CHECK_EXCEPTION(load_state_dict(net, state, "F"), DataError,
                        mentions("F holds 'x.weight' and 2 more tensors that this"));
}

BOOST_AUTO_TEST_CASE(weights_that_are_no_numbers_are_said) {
  const BackendScope scope("reference");
  const test::TemporaryFolder folder;
  nn::Sequential net = trained();
  BOOST_TEST(not_finite(state_dict(net)) == "");
  BOOST_TEST(stderr_of(folder, [&] {
               save_weights(folder / "w", net);
               load_weights(folder / "w", net);
             }) == "");
  state_dict(net)[2].second.data()[1] = std::nanf("");
  BOOST_TEST(not_finite(state_dict(net)) == "'bn.weight'");
  state_dict(net)[4].second.data()[0] = -std::numeric_limits<float>::infinity();
  BOOST_TEST(not_finite(state_dict(net)) == "'bn.weight' and 1 more tensor");
  save_weights(folder / "w", net);
  const std::string said = stderr_of(folder, [&] { load_weights(folder / "w", net); });
  BOOST_TEST(said.starts_with("warning: " + (folder / "w").string() +
                              " holds NaN or infinity in 'bn.weight' and 1 more tensor"),
             said);
}

BOOST_AUTO_TEST_CASE(classes_are_a_list_of_names) {
  const test::TemporaryFolder folder;
  nn::Sequential net = network(1);
  const ClassNames classes{"a \"b\"", "\xC3\xA9t\xC3\xA9, c"};
  save_weights(folder / "w", net, classes);
  BOOST_TEST((read_weights_info(folder / "w").classes == classes));
  BOOST_CHECK_NO_THROW(load_weights(folder / "w", net, classes));
  BOOST_CHECK_NO_THROW(load_weights(folder / "w", net));
  BOOST_CHECK_THROW(load_weights(folder / "w", net, {classes[1], classes[0]}),
                    DataError);  // the order counts
  for (const char* wrong : {"cat", "[1, 2]", "{\"0\": \"cat\"}", ""}) {
    io::save_safetensors(folder / "w", state_dict(net), {{"classes", wrong}});
    BOOST_CHECK_EXCEPTION(load_weights(folder / "w", net), DataError,
                          mentions("a list of names is expected"));
  }
}

BOOST_AUTO_TEST_SUITE_END()
