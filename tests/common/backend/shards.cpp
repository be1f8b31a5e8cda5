// SPDX-License-Identifier: MIT
// Results do not depend on company: what an image gives is the same alone and in any batch, and a sum over images is the same
// whether one process makes it or several have some shards each.
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <cmath>
#include <mutex>

#include "common/backend/shards.hpp"
#include "common/ops/batch_norm.hpp"
#include "common/ops/conv2d.hpp"
#include "common/ops/elementwise.hpp"
#include "common/ops/linear.hpp"
#include "common/ops/softmax.hpp"
#include "tests/support/backends.hpp"
#include "tests/support/close.hpp"
#include "tests/support/random_tensor.hpp"
#include "tests/support/simd_levels.hpp"
#include "tests/support/threads_as_processes.hpp"

using namespace cnn;
using namespace cnn::test;

BOOST_AUTO_TEST_SUITE(shards)

namespace {

struct Layer {
  Shape image, weight;  // a linear layer's have one axis and two
  ConvGeometry geometry = {};
};

std::ostream& operator<<(std::ostream& out, const Layer& l) {
  return out << to_string(l.image) << " with " << to_string(l.weight) << ", stride "
             << to_string(l.geometry.stride);
}

// Direct, Winograd with small, with many and with very many weights, strided; in few blocks and in many; of one pixel.
const std::vector<Layer> layers{{{1, 28, 28}, {6, 1, 5, 5}, {}},
                                {{6, 14, 14}, {16, 6, 5, 5}, {}},
                                {{16, 12, 12}, {24, 16, 3, 3}, {.padding = 1}},
                                {{48, 6, 6}, {80, 48, 3, 3}, {.padding = 1}},
                                {{40, 30, 30}, {72, 40, 3, 3}, {.padding = 1}},
                                {{32, 14, 14}, {48, 32, 3, 3}, {.stride = 2, .padding = 1}},
                                {{3, 40, 40}, {24, 3, 7, 7}, {.stride = 2, .padding = 3}},
                                {{64, 5, 7}, {40, 64, 1, 1}, {}},
                                {{300, 3, 3}, {700, 300, 1, 1}, {}},
                                {{400}, {120, 400}},
                                {{37}, {10, 37}}};

Tensor random(const Shape& shape, std::uint64_t seed) { return on_device(random_tensor(shape, seed)); }

Shape batch(Index n, Shape rest) {
  rest.insert(rest.begin(), n);
  return rest;
}

struct Sums {
  Tensor weight, bias;
};

struct Work {
  const Layer& layer;
  Tensor x, weight, bias, grad_y;

  Work(const Layer& l, Index n)
      : layer(l),
        x(random(batch(n, l.image), 1)),
        weight(random(l.weight, 2)),
        bias(random({l.weight[0]}, 3)) {
    grad_y = random(forward(x).shape(), 4);
  }
  bool is_linear() const { return layer.weight.size() == 2; }
  Tensor forward(const Tensor& images) const {
    return is_linear() ? ops::linear(images, weight, &bias)
                       : ops::conv2d(images, weight, &bias, layer.geometry);
  }
  Tensor backward(const Tensor& grads, const Shape& images) const {
    return is_linear() ? ops::linear_backward_input(grads, weight)
                       : ops::conv2d_backward_input(grads, images, weight, layer.geometry);
  }
  /// Shards first ... last - 1.
  Sums sums(Index first, Index last) const {
    const Index n = x.shape()[0], from = n * first / shard_count, count = n * last / shard_count - from;
    Sums made{random(weight.shape(), 5), random(bias.shape(), 6)};
    const Tensor some_x = x.rows(from, count), some_grads = grad_y.rows(from, count);
    const Shards shards{n, first, last};
    if (is_linear())
      ops::linear_backward_weight_into(made.weight, &made.bias, some_grads, some_x, shards);
    else
      ops::conv2d_backward_weight_into(made.weight, &made.bias, some_grads, some_x, layer.geometry, shards);
    return made;
  }
};

/// Sums of several processes, each with as many shards, joined.
Sums joined(const Work& work, Index processes) {
  const Index share = shard_count / processes;
  std::vector<Sums> all;
  for (Index k = 0; k < processes; ++k) all.push_back(work.sums(k * share, (k + 1) * share));
  const auto at = [&](Index k) -> Sums& { return all[static_cast<std::size_t>(k)]; };
  join_in_pairs(processes, [&](Index to, Index from) {
    ops::add_scaled_inplace(at(to).weight, at(from).weight, 1);
    ops::add_scaled_inplace(at(to).bias, at(from).bias, 1);
  });
  return all.front();
}

void check_sums(const Layer& layer, Index n) {
  const Work work(layer, n);
  const Sums whole = work.sums(0, shard_count);
  for (const Index processes : {2, 4, 8}) {
    const Sums parts = joined(work, processes);
    BOOST_TEST_CONTEXT(layer << ", " << n << " images, " << processes << " processes") {
      BOOST_TEST(tensors_close(parts.weight, whole.weight));
      BOOST_TEST(tensors_close(parts.bias, whole.bias));
    }
  }
}

void check_images(const Layer& layer) {
  const Work all(layer, 17);
  const Tensor y = all.forward(all.x), grad_x = all.backward(all.grad_y, all.x.shape());
  for (Index n = 1; n < 17; ++n) {
    const Index first = 17 - n;
    const Tensor x = all.x.rows(first, n), grads = all.grad_y.rows(first, n);
    BOOST_TEST_CONTEXT(layer << ", " << n << " of 17 images") {
      BOOST_TEST(tensors_close(all.forward(x), y.rows(first, n)));
      BOOST_TEST(tensors_close(all.backward(grads, x.shape()), grad_x.rows(first, n)));
    }
  }
}

std::mutex reporting;  // Boost.Test takes one assertion at a time

/// A millionth of the largest element.
Tolerance millionth(const Tensor& x) {
  float largest = 0;
  const Tensor dense = x.clone();
  for (const float value : dense.values()) largest = std::max(largest, std::abs(value));
  return {.absolute = 1e-6 * double{largest}};
}

void check_all() {
  for (const Layer& layer : layers) {
    check_images(layer);
    for (const Index n : {1, 3, 8, 9, 17, 40}) check_sums(layer, n);
  }
}

}  // namespace

BOOST_AUTO_TEST_CASE(join_in_the_order_of_the_tree) {
  for (const Index count : {1, 2, 4, 8}) {
    std::vector<std::string> sums(8), slots(3);
    const auto number = [](Index k) { return static_cast<std::size_t>(k); };
    const auto sum_of = [](const std::string& left, const std::string& right) {
      return "(" + left + "+" + right + ")";
    };
    Index used = 0;
    for (Index k = 0; k < count; ++k) {
      std::string sum = sums[number(k)] = std::to_string(k);
      const Index to = join_waiting(k, [&](Index slot) { sum = sum_of(slots[number(slot)], sum); });
      slots[number(to)] = sum;
      used = std::max(used, to + 1);
    }
    join_in_pairs(count, [&](Index to, Index from) {
      sums[number(to)] = sum_of(sums[number(to)], sums[number(from)]);
    });
    BOOST_TEST(slots[0] == sums[0]);
    BOOST_TEST(used == slots_for(count));
    if (count == 8) BOOST_TEST(sums[0] == "(((0+1)+(2+3))+((4+5)+(6+7)))");
  }
}

/// Threads that have the shards of one batch normalization give, joined, what one has that sees the whole batch.
void check_batch_norm(const Shape& image, Index n) {
  const Shape shape = batch(n, image), channels{image[0]};
  const Tensor x = random(shape, 1), grad_y = random(shape, 2);
  const Tensor weight = random(channels, 3), bias = random(channels, 4);
  const auto run = [&](const BatchPart& part) {
    const Index first = part.shards.first_image(), count = part.shards.image_count();
    std::vector<Tensor> all{on_device(Tensor::zeros(channels)),
                            on_device(Tensor::zeros(channels))};  // running averages
    const RunningStatistics running{all[0], all[1], 0.1};
    const Tensor some = x.rows(first, count);
    const ops::BatchNorm b = ops::batch_norm(some, weight, bias, 1e-5, {.relu = true}, &running, part);
    const Normalization norm{b.mean, b.variance, weight, bias, 1e-5, {.relu = true}};
    ops::BatchNormGrads g = ops::batch_norm_backward(grad_y.rows(first, count), some, norm, part);
    part.join(g.weight);
    part.join(g.bias);
    all.insert(all.end(), {b.mean, b.variance, g.weight, g.bias, b.y, g.x});
    return all;
  };
  const std::vector<Tensor> whole = run(BatchPart::all(n));
  for (const Index processes : {2, 4, 8}) {
    as_processes(processes, [&](std::unique_ptr<Communicator> communicator) {
      const BatchPart part = BatchPart::of(n, *communicator);
      const std::vector<Tensor> some = run(part);
      for (std::size_t k = 0; k < whole.size(); ++k) {
        const bool of_images = k + 2 >= whole.size();
        const Tensor expected =
            of_images ? whole[k].rows(part.shards.first_image(), part.shards.image_count()) : whole[k];
        const auto same = tensors_close(some[k], expected);
        const std::lock_guard lock(reporting);
        BOOST_TEST(same, to_string(shape) << ", " << processes << " processes, result " << k);
      }
    });
  }
}

/// The loss of an image, and the gradient of its logits, do not depend on the other images of a process.
void check_loss() {
  const Tensor logits = random({17, 10}, 1);
  std::vector<std::int64_t> classes;
  for (Index n = 0; n < 17; ++n) classes.push_back(n % 10);
  const Tensor labels = on_device(Tensor::from_labels({17}, classes));
  const ops::CrossEntropy whole = ops::softmax_cross_entropy(logits, labels);
  for (Index n = 1; n < 17; ++n) {
    const Index first = 17 - n;
    const ops::CrossEntropy some =
        ops::softmax_cross_entropy(logits.rows(first, n), labels.rows(first, n), true, 17);
    BOOST_TEST(tensors_close(some.losses, whole.losses.rows(first, n)), n << " images");
    BOOST_TEST(tensors_close(some.correct, whole.correct.rows(first, n)), n << " images");
    BOOST_TEST(tensors_close(some.grad, whole.grad.rows(first, n)), n << " images");
  }
}

void check_statistics() {
  for (const Shape& image : {Shape{5}, Shape{6, 3, 3}, Shape{20, 1, 1}, Shape{3, 12, 12}, Shape{16, 9, 7}})
    for (const Index n : {2, 8, 9, 17, 40}) check_batch_norm(image, n);
  check_loss();
}

/// Layers and batches enough for rungs that compute slowly.
void check_some() {
  for (const Layer& layer : {layers[1], layers[2], layers[5], layers[10]}) {
    check_images(layer);
    check_sums(layer, 17);
    check_sums(layer, 3);
  }
  check_statistics();
}

bool has_rung(const std::string& name) {
  const std::vector<std::string> rungs = backend_names();
  return std::find(rungs.begin(), rungs.end(), name) != rungs.end();
}

/// The loops, and the rung cuda of builds that have it.
std::vector<std::string> slow_rungs() {
  std::vector<std::string> rungs{"reference"};
  if (has_rung("cuda")) rungs.emplace_back("cuda");
  return rungs;
}

BOOST_DATA_TEST_CASE(give_the_same_bits_on_slow_rungs, boost::unit_test::data::make(slow_rungs()), name) {
  const BackendScope rung(name);
  check_some();
}

BOOST_DATA_TEST_CASE(give_the_same_bits_on_the_simd_rung, simd_levels(), level) {
  const BackendScope rung("simd");
  const SimdLevelScope scope(level);
  check_all();
  check_statistics();
}

/// OpenBLAS orders the sums of a product of matrices by their size: what several processes make differs in the last digits.
BOOST_AUTO_TEST_CASE(agree_to_a_millionth_on_xtensor) {
  if (!has_rung("xtensor")) return;
  const BackendScope rung("xtensor");
  for (const Layer& layer : layers) {
    const Work work(layer, 17);
    const Sums whole = work.sums(0, shard_count);
    const Tensor y = work.forward(work.x);
    BOOST_TEST(tensors_close(work.forward(work.x.rows(3, 5)), y.rows(3, 5), millionth(y)));
    for (const Index processes : {2, 8}) {
      const Sums parts = joined(work, processes);
      BOOST_TEST(tensors_close(parts.weight, whole.weight, millionth(whole.weight)), layer);
      BOOST_TEST(tensors_close(parts.bias, whole.bias, millionth(whole.bias)), layer);
    }
  }
  check_statistics();
}

BOOST_AUTO_TEST_SUITE_END()
