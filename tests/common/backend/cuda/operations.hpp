// SPDX-License-Identifier: MIT
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "common/ops/activation.hpp"
#include "common/ops/batch_norm.hpp"
#include "common/ops/conv2d.hpp"
#include "common/ops/dropout.hpp"
#include "common/ops/elementwise.hpp"
#include "common/ops/linear.hpp"
#include "common/ops/pool2d.hpp"
#include "common/ops/softmax.hpp"
#include "tests/common/backend/cuda/device.hpp"

namespace cnn::test {

/// An operation with arguments that are on the device already.
struct OnDevice {
  std::string name;                           ///< as in Backend
  int launches;                               ///< of kernels, for any batch; 0 if it has a choice of kernels
  std::function<std::vector<Tensor>()> work;  ///< \return its results
};

/// \param n  images or rows
/// \return   every operation of a backend, on ranges of channels where it takes them
inline std::vector<OnDevice> operations(Index n) {
  const Shape shape{n, 6, 9, 10}, halved{n, 6, 4, 5};
  const Tensor x = on_device(random_slice(shape, 1)), grad = on_device(random_slice(shape, 2));
  const Tensor grad_y = on_device(random_slice(halved, 3)), kernels = random({8, 6, 3, 3}, 4);
  const Tensor grad_conv = on_device(random_slice({n, 8, 7, 8}, 5)), channels = random({6}, 6),
               bias = random({8}, 7);
  const Tensor rows = random({n, 37}, 8), grad_rows = random({n, 8}, 9), matrix = random({8, 37}, 10);
  const Tensor indices = ops::max_pool2d(x, {}).indices,
               one = on_device(Tensor::from_values({6}, std::vector<float>(6, 1)));
  const Tensor labels = on_device(Tensor::zeros({n}, {}, DType::i64));
  Rng rng(11);
  const Tensor mask = ops::dropout_mask(shape, 0.5, rng, x.device());
  const auto add = [=] {
    Tensor y = grad.clone();
    ops::add_scaled_inplace(y, x, 0.5F, {.relu = true});
    return std::vector{y};
  };
  const auto step = [=](bool adam) {
    Tensor a = matrix.clone(), b = bias.clone(), mean_a = matrix.clone(), mean_b = bias.clone();
    Tensor square_a = on_device(Tensor::zeros({8, 37})), square_b = on_device(Tensor::zeros({8}));
    if (adam)
      ops::adam_step_inplace({{a, matrix, mean_a, square_a}, {b, bias, mean_b, square_b}},
                             {0.01, 0.9, 0.999, 1e-8, 0.1, 1});
    else
      ops::sgd_step_inplace({{a, matrix, mean_a}, {b, bias, mean_b}}, {0.1F, 0.9F, 0.1F});
    return std::vector{a, b, mean_a, mean_b, square_a, square_b};
  };
  return {
      {"conv2d", 0, [=] { return std::vector{ops::conv2d(x, kernels, &bias, {}, {.relu = true})}; }},
      {"conv2d_backward_input", 0,
       [=] { return std::vector{ops::conv2d_backward_input(grad_conv, shape, kernels)}; }},
      {"conv2d_backward_weight", 0,
       [=] {
         const ops::Conv2dGrads g = ops::conv2d_backward(grad_conv, x, kernels);
         return std::vector{g.weight, g.bias};
       }},
      {"linear", 0, [=] { return std::vector{ops::linear(rows, matrix, &bias)}; }},
      {"linear_backward", 0,
       [=] {
         const ops::LinearGrads g = ops::linear_backward(grad_rows, rows, matrix);
         return std::vector{g.x, g.weight, g.bias};
       }},
      {"max_pool2d", 1, [=] { return std::vector{ops::max_pool2d(x, {}).y}; }},
      {"max_pool2d_backward", 1,
       [=] { return std::vector{ops::max_pool2d_backward(grad_y, indices, shape, {})}; }},
      {"avg_pool2d", 1, [=] { return std::vector{ops::avg_pool2d(x, {})}; }},
      {"avg_pool2d_backward", 1, [=] { return std::vector{ops::avg_pool2d_backward(grad_y, shape, {})}; }},
      {"sigmoid", 1, [=] { return std::vector{ops::sigmoid(x)}; }},
      {"relu_backward", 1, [=] { return std::vector{ops::relu_backward(grad, x)}; }},
      {"batch_norm_training", 3,
       [=] {
         const ops::BatchNorm b = ops::batch_norm(x, channels, channels);
         return std::vector{b.y, b.mean, b.variance};
       }},
      {"batch_norm", 2,
       [=] {
         return std::vector{ops::normalize(x, {channels, one, channels, channels, 1e-5, {.relu = true}})};
       }},
      {"batch_norm_backward", 3,
       [=] {
         const Normalization norm{channels, one, channels, channels, 1e-5, {.relu = true}};
         const ops::BatchNormGrads g = ops::batch_norm_backward(grad, x, norm);
         return std::vector{g.x, g.weight, g.bias};
       }},
      {"softmax", 1, [=] { return std::vector{ops::softmax(rows)}; }},
      {"softmax_cross_entropy", 1,
       [=] {
         const ops::CrossEntropy loss = ops::softmax_cross_entropy(rows, labels);
         return std::vector{loss.losses, loss.correct, loss.grad};
       }},
      {"add_scaled", 1, add},
      {"dropout", 1, [=] { return std::vector{ops::dropout(x, mask, 0.5)}; }},
      {"sgd_step", 1, [=] { return step(false); }},
      {"adam_step", 1, [=] { return step(true); }},
  };
}

}  // namespace cnn::test
