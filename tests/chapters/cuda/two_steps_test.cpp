// SPDX-License-Identifier: MIT

// Two steps of each network on the rung cuda are those of the loops, and the same bits again.
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <cmath>

#include "common/optim/adam.hpp"
#include "tests/chapters/cuda/slim_networks.hpp"
#include "tests/support/backends.hpp"
#include "tests/support/close.hpp"
#include "tests/support/random_tensor.hpp"

namespace {

using namespace cnn;

BOOST_AUTO_TEST_SUITE(networks)

/// What two steps of Adam come to.
struct Trained {
  std::vector<double> losses;  // before each step, and after both
  std::vector<Tensor> state;   // parameters and buffers
};

Trained two_steps(const std::string& rung, const test::SlimNetwork& network) {
  const BackendScope scope(rung);
  Rng rng(7);
  nn::Sequential net = network.make(rng);
  net.to(default_device());
  optim::Adam adam{net.named_parameters()};
  constexpr Index n = 3;
  const Tensor x = test::on_device(test::random_tensor({n, 1, network.image_size, network.image_size}, 1));
  const Tensor labels = Tensor::from_labels({n}, std::vector<std::int64_t>{3, 1, 4}, default_device());
  Trained t;
  for (int step = 0; step < 3; ++step) {
    net.zero_grad();
    const ops::CrossEntropy loss = ops::softmax_cross_entropy(net.forward(x), labels);
    const Tensor losses = loss.losses.to({});
    double mean = 0;
    for (const float value : losses.values()) mean += value / double{n};
    t.losses.push_back(mean);
    if (step == 2) break;
    net.backward(loss.grad);
    adam.step();
  }
  for (const auto& [name, parameter] : net.named_parameters()) t.state.push_back(parameter->value.to({}));
  for (const auto& [name, buffer] : net.named_buffers()) t.state.push_back(buffer->value.to({}));
  return t;
}

BOOST_DATA_TEST_CASE(take_two_steps, test::slim_networks(), network) {
  const Trained loops = two_steps("reference", network), once = two_steps("cuda", network),
                again = two_steps("cuda", network);
  for (std::size_t k = 0; k < loops.losses.size(); ++k) {
    BOOST_TEST(std::abs(once.losses[k] - loops.losses[k]) < 1e-4,
               "loss " << k << ": " << once.losses[k] << ", on the loops " << loops.losses[k]);
    BOOST_TEST(again.losses[k] == once.losses[k]);
  }
  BOOST_TEST(std::abs(loops.losses[2] - loops.losses[0]) > 1e-3);  // something was learnt
  for (std::size_t k = 0; k < once.state.size(); ++k)
    BOOST_TEST(test::tensors_close(again.state[k], once.state[k]), "parameter or buffer " << k);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
