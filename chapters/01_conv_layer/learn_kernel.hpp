// SPDX-License-Identifier: MIT
#pragma once

#include <vector>

#include "chapters/01_conv_layer/conv_layer.hpp"

namespace cnn::conv_layer {

/// \return the book's image of 6 x 8 pixels: white (1) with a black band (0) in columns 2 to 5
//! [edge_image]
inline Matrix edge_image() {
  Matrix x = xt::ones<float>({6, 8});
  xt::view(x, xt::all(), xt::range(2, 6)) = 0;
  return x;
}
//! [edge_image]

/// One step of learning.
struct LearningStep {
  float loss;     ///< sum of the squared errors before the step
  Matrix weight;  ///< kernel after the step, [kh, kw]
  float bias;     ///< bias after the step
};

/// Learns the kernel that turns x into y: gradient descent on the sum of the squared errors.
/// \param layer          its kernel and bias are changed
/// \param x              image, [h, w]
/// \param y              what the layer should answer, [h - kh + 1, w - kw + 1]
/// \param steps          how many
/// \param learning_rate  length of a step, relative to the gradient
/// \return               one record a step
//! [learn]
inline std::vector<LearningStep> learn_kernel(Conv2D& layer, const Matrix& x,
                                              const Matrix& y, int steps,
                                              float learning_rate) {
  std::vector<LearningStep> history;
  for (int step = 0; step < steps; ++step) {
    const Matrix error = layer.forward(x) - y;
    const float loss = xt::sum(error * error)();
    layer.backward(2 * error);  // dL/dy of L = sum of error^2
    layer.step(learning_rate);
    history.push_back({loss, layer.weight(), layer.bias()});
  }
  return history;
}
//! [learn]

}  // namespace cnn::conv_layer
