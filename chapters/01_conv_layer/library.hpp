// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <vector>

#include "chapters/01_conv_layer/learn_kernel.hpp"
#include "common/cnn.hpp"

namespace cnn::conv_layer {

/// \param a  a matrix, [h, w]
/// \return   a batch of one image with one channel, [1, 1, h, w]
inline Tensor to_batch(const Matrix& a) {
  return from_xtensor(a).reshape(
      {1, 1, static_cast<Index>(a.shape(0)), static_cast<Index>(a.shape(1))});
}

/// \param batch  one image with one channel, [1, 1, h, w]
/// \return       the image, [h, w]
inline Matrix to_matrix(const Tensor& batch) {
  return xt::view(view<4>(batch), 0, 0, xt::all(), xt::all());
}

/// corr2d() through the operation of the library.
/// \param x  image, [h, w]
/// \param k  kernel, [kh, kw]
/// \return   [h - kh + 1, w - kw + 1]
//! [library]
inline Matrix library_corr2d(const Matrix& x, const Matrix& k) {
  return to_matrix(ops::conv2d(to_batch(x), to_batch(k), nullptr));
}
//! [library]

/// learn_kernel() through the operations of the library.
/// \param layer          where to start from; not changed
/// \param x              image, [h, w]
/// \param y              what the layer should answer, [h - kh + 1, w - kw + 1]
/// \param steps          how many
/// \param learning_rate  length of a step, relative to the gradient
/// \return               one record a step
inline std::vector<LearningStep> library_learn_kernel(const Conv2D& layer,
                                                      const Matrix& x,
                                                      const Matrix& y, int steps,
                                                      float learning_rate) {
  const Tensor image = to_batch(x);
  Tensor weight = to_batch(layer.weight());
  Tensor bias = Tensor::from_values({1}, std::vector<float>{layer.bias()});
  std::vector<LearningStep> history;
  for (int step = 0; step < steps; ++step) {
    const Matrix error = to_matrix(ops::conv2d(image, weight, &bias)) - y;
    const ops::Conv2dGrads grads =
        ops::conv2d_backward(to_batch(2 * error), image, weight);
    ops::add_scaled_inplace(weight, grads.weight, -learning_rate);
    ops::add_scaled_inplace(bias, grads.bias, -learning_rate);
    history.push_back({xt::sum(error * error)(), to_matrix(weight), bias.item()});
  }
  return history;
}

/// What backward() returns and keeps, in one place.
struct Gradients {
  Matrix x;       ///< dL/dx, [h, w]
  Matrix weight;  ///< dL/dk, [kh, kw]
  float bias;     ///< dL/db
};

/// Conv2D::backward() through the operation of the library.
/// \param grad_y  dL/dy, [h - kh + 1, w - kw + 1]
/// \param x       image, [h, w]
/// \param k       kernel, [kh, kw]
/// \return        all three gradients
inline Gradients library_backward(const Matrix& grad_y, const Matrix& x,
                                  const Matrix& k) {
  const ops::Conv2dGrads grads =
      ops::conv2d_backward(to_batch(grad_y), to_batch(x), to_batch(k));
  return {to_matrix(grads.x), to_matrix(grads.weight), grads.bias.item()};
}

/// \param a  a matrix
/// \param b  one of the same shape
/// \return   the largest absolute difference of two elements
inline float largest_difference(const Matrix& a, const Matrix& b) {
  return xt::amax(xt::abs(a - b))();
}

/// \param a  gradients
/// \param b  others of the same shapes
/// \return   the largest absolute difference of two elements
inline float largest_difference(const Gradients& a, const Gradients& b) {
  return std::max({largest_difference(a.x, b.x),
                   largest_difference(a.weight, b.weight),
                   std::abs(a.bias - b.bias)});
}

/// \param a  a course of learning
/// \param b  another of the same length
/// \return   the largest absolute difference of two weights or biases
inline float largest_difference(const std::vector<LearningStep>& a,
                                const std::vector<LearningStep>& b) {
  float largest = 0;
  for (std::size_t step = 0; step < a.size(); ++step) {
    largest = std::max({largest, largest_difference(a[step].weight, b[step].weight),
                        std::abs(a[step].bias - b[step].bias)});
  }
  return largest;
}

}  // namespace cnn::conv_layer
