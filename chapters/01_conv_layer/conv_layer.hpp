// SPDX-License-Identifier: MIT
#pragma once

#include <utility>

#include "chapters/01_conv_layer/corr2d.hpp"
#include "common/cnn.hpp"

namespace cnn::conv_layer {

/// A convolutional layer with one input channel and one output channel, \f$ y = \mathrm{corr2d}(x, k) + b \f$, and the
/// gradients of what it computes.
class Conv2D {
 public:
  /// Draws the kernel, then the bias, from N(0, 1), as `torch.randn` does.
  /// \param kh   rows of the kernel
  /// \param kw   columns of the kernel
  /// \param rng  where the random numbers come from
  Conv2D(std::size_t kh, std::size_t kw, Rng& rng) : weight_({kh, kw}) {
    rng.fill_normal({weight_.data(), weight_.size()}, 0, 1);
    rng.fill_normal({&bias_, 1}, 0, 1);
  }

  /// A layer with a given kernel.
  /// \param weight  the kernel, [kh, kw]
  /// \param bias    what is added to every output element
  Conv2D(Matrix weight, float bias) : weight_(std::move(weight)), bias_(bias) {}

  /// \param x  image, [h, w]; the layer keeps it for backward()
  /// \return   [h - kh + 1, w - kw + 1]
  /// \throws ShapeError  the kernel is larger than the image
  //! [forward]
  Matrix forward(const Matrix& x) {
    x_ = x;
    return corr2d(x, weight_) + bias_;
  }
  //! [forward]

  /// The chain rule: from the gradient of a loss with respect to the output to those with respect to the kernel, the bias
  /// and the image. Those of kernel and bias are kept in the layer and overwrite older ones.
  ///
  /// \f[ \frac{\partial L}{\partial k} = \mathrm{corr2d}(x, \bar y), \qquad
  ///     \frac{\partial L}{\partial b} = \sum_{i,j} \bar y_{i,j}, \qquad
  ///     \frac{\partial L}{\partial x} = \mathrm{corr2d}(\mathrm{pad}(\bar y), \mathrm{flip}(k)) \f]
  ///
  /// \param grad_y  dL/dy, of the shape of the output
  /// \return        dL/dx, of the shape of the image
  /// \throws StateError  forward() was not called first
  /// \throws ShapeError  grad_y does not have the shape of the output
  //! [backward]
  Matrix backward(const Matrix& grad_y) {
    const std::size_t kh = weight_.shape(0), kw = weight_.shape(1);
    check_backward(grad_y);

    grad_weight_ = corr2d(x_, grad_y);
    grad_bias_ = xt::sum(grad_y)();
    return corr2d(with_border(grad_y, kh - 1, kw - 1), flipped(weight_));
  }
  //! [backward]

  /// One step of gradient descent: kernel and bias move against their gradients.
  /// \param learning_rate  length of the step, relative to the gradient
  //! [step]
  void step(float learning_rate) {
    weight_ -= learning_rate * grad_weight_;
    bias_ -= learning_rate * grad_bias_;
  }
  //! [step]

  /// \return the kernel, [kh, kw]
  const Matrix& weight() const noexcept { return weight_; }
  /// \return the bias
  float bias() const noexcept { return bias_; }
  /// \return dL/dk of the last backward(), [kh, kw]
  const Matrix& grad_weight() const noexcept { return grad_weight_; }
  /// \return dL/db of the last backward()
  float grad_bias() const noexcept { return grad_bias_; }

 private:
  void check_backward(const Matrix& grad_y) const {
    CNN_CHECK(x_.size() > 0, StateError,
              "[Conv2D] backward came before forward; call forward first");
    CNN_CHECK(grad_y.shape(0) + weight_.shape(0) == x_.shape(0) + 1 &&
                  grad_y.shape(1) + weight_.shape(1) == x_.shape(1) + 1,
              ShapeError,
              "[Conv2D] the gradient does not have the shape of the output; pass "
              "dL/dy of the last forward");
  }

  Matrix weight_;
  float bias_ = 0;
  Matrix x_ = xt::zeros<float>({0, 0});
  Matrix grad_weight_ = xt::zeros_like(weight_);
  float grad_bias_ = 0;
};

}  // namespace cnn::conv_layer
