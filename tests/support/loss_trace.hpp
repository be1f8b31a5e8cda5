// SPDX-License-Identifier: MIT
#pragma once

// The first steps of a run with seed 0 against those of the book's code in PyTorch.

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numeric>
#include <string>
#include <vector>

#include "common/backend/backend.hpp"
#include "common/data/data_loader.hpp"
#include "common/data/fashion_mnist.hpp"
#include "common/nn/fuse.hpp"
#include "common/nn/module.hpp"
#include "common/ops/softmax.hpp"
#include "common/optim/adam.hpp"
#include "common/train/weights.hpp"
#include "tests/support/fixtures.hpp"

namespace cnn::test {

/// How far a run may be from PyTorch's in steps 1, 2, 3, ...; the last value of each list holds for all steps after it.
/// Where rounding grows faster than by default, the values are at least twice what PyTorch parts from itself, by
/// `tools/parity.py NET --batch-size 16 --spread 20`.
struct TraceTolerance {
  std::vector<double> loss{1e-5, 1e-4, 1e-4, 1e-4, 1e-4, 1e-3};
  std::vector<double> gradient{1e-3};  ///< of the gradient's norm, relative
  double correct = 1;                  ///< of the number of correct answers
};

inline double of_step(const std::vector<double>& tolerances, std::size_t k) {
  return tolerances[std::min(k, tolerances.size() - 1)];
}

inline double sum_abs(const Tensor& t) {
  double sum = 0;
  const Tensor host = t.clone().to({});
  for (const float value : host.values()) sum += std::abs(static_cast<double>(value));
  return sum;
}

inline double gradient_norm(nn::Module& model) {
  double sum = 0;
  for (const nn::Parameter* p : model.parameters()) {
    const Tensor grad = p->grad.clone().to({});
    for (const float g : grad.values()) sum += static_cast<double>(g) * static_cast<double>(g);
  }
  return std::sqrt(sum);
}

inline double pixel_sum(const Tensor& images) {
  const auto values = images.values();
  return std::accumulate(values.begin(), values.end(), 0.0);
}

/// Parameters, and running statistics where there are any; how many batches these have seen is no weight.
inline io::NamedTensors initial_weights(nn::Module& model) {
  io::NamedTensors weights = state_dict(model);
  std::erase_if(weights, [](const auto& named) { return named.second.dtype() != DType::f32; });
  return weights;
}

inline void check_initial_weights(nn::Module& model, const nlohmann::json& sums) {
  const io::NamedTensors weights = initial_weights(model);
  BOOST_TEST(weights.size() == sums.size());
  for (const auto& [name, tensor] : weights) {
    BOOST_TEST_REQUIRE(sums.contains(name), name);
    const double expected = sums[name];
    BOOST_TEST(std::abs(sum_abs(tensor) - expected) <= 1e-6 * expected, name);
  }
}

/// One step as the trainer makes it, taken apart so that each number can be compared.
inline void check_step(const nlohmann::json& expected, const data::Batch& batch, nn::Module& model,
                       optim::Optimizer& optimizer, double loss_tolerance, double gradient_tolerance,
                       double correct_tolerance) {
  for (std::size_t k = 0; k < 8; ++k)
    BOOST_TEST(batch.labels.labels()[k] == expected["labels"][k].get<std::int64_t>());
  const double image_sum = expected["image_sum"];
  BOOST_TEST(std::abs(pixel_sum(batch.images) - image_sum) < 1e-6 * image_sum);
  model.zero_grad();
  const Device device = default_device();
  const ops::CrossEntropy result =
      ops::softmax_cross_entropy(model.forward(batch.images.to(device)), batch.labels.to(device));
  model.backward(result.grad);
  const double loss = expected["loss"];
  BOOST_TEST(std::abs(result.loss() - loss) < loss_tolerance,
             "loss " << result.loss() << ", PyTorch has " << loss);
  BOOST_TEST(std::abs(static_cast<double>(result.correct_count()) - expected["correct"].get<double>()) <=
             correct_tolerance);
  const double norm = expected["grad_norm"];
  const double own_norm = gradient_norm(model);
  BOOST_TEST(std::abs(own_norm - norm) < gradient_tolerance * norm,
             "norm " << own_norm << ", PyTorch has " << norm);
  optimizer.step();
}

/// Starts a network from seed 0 and trains it on the first batches of Fashion-MNIST, as the trace was made.
/// \param net        name of the trace below tests/fixtures/loss_traces
/// \param backend    rung
/// \param steps      how many steps of the trace, at most
/// \param make       makes the network from channels, classes and a generator
/// \param tolerance  how far apart they may be
template <typename Make>
void follow_loss_trace(const std::string& net, const std::string& backend, std::size_t steps,
                       const Make& make, const TraceTolerance& tolerance = {}) {
  const BackendScope rung(backend);
  const nlohmann::json trace = fixture("loss_traces/" + net + ".json");
  const std::size_t last = std::min(steps, trace["steps"].size());
  Rng rng(0);
  auto model = make(1, 10, rng);
  check_initial_weights(model, trace["initial_sum_abs"]);
  model.set_input_grad_needed(false);
  nn::fuse(model);
  model.to(default_device());
  optim::Adam adam{model.named_parameters(), {.learning_rate = trace["lr"]}};
  const data::Dataset images = data::load_fashion_mnist({}, data::Split::train);
  data::DataLoader loader(
      images, {.batch_size = trace["batch"], .image_size = trace["image_size"], .shuffle = true}, rng);
  std::size_t k = 0;
  for (const data::Batch& batch : loader) {
    BOOST_TEST_CONTEXT("step " << k + 1 << " on " << backend) {
      check_step(trace["steps"][k], batch, model, adam, of_step(tolerance.loss, k),
                 of_step(tolerance.gradient, k), tolerance.correct);
    }
    if (++k == last) break;
  }
  BOOST_TEST(k == last);
}

}  // namespace cnn::test
