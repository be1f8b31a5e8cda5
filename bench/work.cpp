// SPDX-License-Identifier: MIT
#include "bench/work.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>

#include "bench/networks.hpp"
#include "common/nn/summary.hpp"
#include "common/ops/conv2d.hpp"
#include "common/ops/softmax.hpp"
#include "common/optim/adam.hpp"

namespace cnn::bench {
namespace {

/// A network in training, always on the same batch.
class Training {
 public:
  Training(const Network& network, Index n)
      : model_(network.make(1, 10, rng_)),
        adam_(model_.named_parameters()),
        batch_(made_up_batch(network, n, {})) {
    model_.set_input_grad_needed(false);
  }

  /// \return the gradients of all parameters
  std::vector<Tensor> gradients() {
    model_.zero_grad();
    const Tensor logits = model_.forward(batch_.images);
    ops::CrossEntropy result = ops::softmax_cross_entropy(logits, batch_.labels);
    model_.backward(std::move(result.grad));
    std::vector<Tensor> grads;
    for (const nn::Parameter* parameter : model_.parameters()) grads.push_back(parameter->grad);
    return grads;
  }

  std::vector<Tensor> step() {
    std::vector<Tensor> grads = gradients();
    adam_.step();
    return grads;
  }

 private:
  Rng rng_{0};
  nn::Sequential model_;
  optim::Adam adam_;
  Batch batch_;
};

}  // namespace

std::vector<Work> passes(const ConvShape& shape, Device device) {
  const auto t = std::make_shared<ConvTensors>(conv_tensors(shape));
  for (Tensor* x : {&t->x, &t->weight, &t->bias, &t->grad_y}) *x = x->to(device);
  const double flops = 2 * static_cast<double>(shape.macs());
  const auto forward = [=] { return std::vector{ops::conv2d(t->x, t->weight, &t->bias, shape.geometry)}; };
  const auto backward_input = [=] {
    return std::vector{ops::conv2d_backward_input(t->grad_y, shape.x, t->weight, shape.geometry)};
  };
  const auto backward_weight = [=] {
    std::vector<Tensor> grads{Tensor::empty(shape.weight, device), Tensor::empty({shape.weight[0]}, device)};
    ops::conv2d_backward_weight_into(grads[0], &grads[1], t->grad_y, t->x, shape.geometry);
    return grads;
  };
  return {{"forward", flops, forward},
          {"backward, input", flops, backward_input},
          {"backward, weight", flops, backward_weight}};
}

Work lenet_step(Index n) {
  const Network& network = find_network("lenet");
  Rng rng(0);
  const Index macs = nn::summarize(network.make(1, 10, rng), network.batch_shape(n)).macs;
  const auto training = std::make_shared<Training>(network, n);
  return {"training step", 6 * static_cast<double>(macs), [=] { return training->step(); },
          [=] { return Training(network, n).gradients(); }};
}

double difference(const Tensor& a, const Tensor& b) {
  double largest = 0;
  double apart = 0;
  for (std::size_t k = 0; k < b.values().size(); ++k) {
    const double have = a.values()[k];
    const double want = b.values()[k];
    if (!std::isfinite(have - want)) return std::numeric_limits<double>::infinity();
    largest = std::max(largest, std::abs(want));
    apart = std::max(apart, std::abs(have - want));
  }
  return largest > 0 ? apart / largest : apart;
}

}  // namespace cnn::bench
