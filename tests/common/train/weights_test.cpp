// SPDX-License-Identifier: MIT
// Weights and checkpoints bring back all of a network's state: running statistics and counters too.
#include <boost/test/unit_test.hpp>

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
  state.back().second = Tensor::zeros({1}, {}, DType::i64);
  BOOST_CHECK_EXCEPTION(load_state_dict(net, state, "the file"), DataError, [](const DataError& e) {
    return std::string(e.what()).find(
               "'bn.num_batches_tracked' is i64 [1] in the file, this network has i64 []") !=
           std::string::npos;
  });
  BOOST_TEST(*state_dict(net).back().second.labels() == 3);
}

BOOST_AUTO_TEST_SUITE_END()
