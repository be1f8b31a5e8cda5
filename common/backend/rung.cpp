// SPDX-License-Identifier: MIT
#include "common/backend/rung.hpp"

namespace cnn {

//! [below]
void Rung::conv2d(Tensor& y, const Tensor& x, const ConvWeights& w, const ConvGeometry& g) {
  below().conv2d(y, x, w, g);
}
//! [below]
void Rung::conv2d_backward_input(Tensor& grad_x, const Tensor& grad_y, const Tensor& weight,
                                 const ConvGeometry& g) {
  below().conv2d_backward_input(grad_x, grad_y, weight, g);
}
void Rung::conv2d_backward_weight(Tensor& grad_weight, Tensor* grad_bias, const Tensor& grad_y,
                                  const Tensor& x, const ConvGeometry& g) {
  below().conv2d_backward_weight(grad_weight, grad_bias, grad_y, x, g);
}
Index Rung::scratch_bytes(Operation operation, const Shape& x, const Shape& weight,
                          const ConvGeometry& g) const {
  return below().scratch_bytes(operation, x, weight, g);
}
void Rung::linear(Tensor& y, const Tensor& x, const ConvWeights& w) { below().linear(y, x, w); }
void Rung::linear_backward_input(Tensor& grad_x, const Tensor& grad_y, const Tensor& weight) {
  below().linear_backward_input(grad_x, grad_y, weight);
}
void Rung::linear_backward_weight(Tensor& grad_weight, Tensor* grad_bias, const Tensor& grad_y,
                                  const Tensor& x) {
  below().linear_backward_weight(grad_weight, grad_bias, grad_y, x);
}
void Rung::max_pool2d(Tensor& y, Tensor* indices, const Tensor& x, const Pool2dOptions& o) {
  below().max_pool2d(y, indices, x, o);
}
void Rung::max_pool2d_backward(Tensor& grad_x, const Tensor& grad_y, const Tensor& indices) {
  below().max_pool2d_backward(grad_x, grad_y, indices);
}
void Rung::avg_pool2d(Tensor& y, const Tensor& x, const Pool2dOptions& o) { below().avg_pool2d(y, x, o); }
void Rung::avg_pool2d_backward(Tensor& grad_x, const Tensor& grad_y, const Pool2dOptions& o) {
  below().avg_pool2d_backward(grad_x, grad_y, o);
}
void Rung::sigmoid(Tensor& y, const Tensor& x) { below().sigmoid(y, x); }
void Rung::sigmoid_backward(Tensor& grad_x, const Tensor& grad_y, const Tensor& y) {
  below().sigmoid_backward(grad_x, grad_y, y);
}
void Rung::relu(Tensor& y, const Tensor& x) { below().relu(y, x); }
void Rung::relu_backward(Tensor& grad_x, const Tensor& grad_y, const Tensor& y) {
  below().relu_backward(grad_x, grad_y, y);
}
void Rung::batch_norm_statistics(Tensor& mean, Tensor& variance, const Tensor& x) {
  below().batch_norm_statistics(mean, variance, x);
}
void Rung::batch_norm(Tensor& y, const Tensor& x, const Normalization& norm) {
  below().batch_norm(y, x, norm);
}
void Rung::batch_norm_backward(Tensor& grad_x, Tensor& grad_weight, Tensor& grad_bias, const Tensor& grad_y,
                               const Tensor& x, const Normalization& norm) {
  below().batch_norm_backward(grad_x, grad_weight, grad_bias, grad_y, x, norm);
}
void Rung::softmax(Tensor& probabilities, const Tensor& logits) { below().softmax(probabilities, logits); }
void Rung::softmax_cross_entropy(Tensor& losses, Tensor& correct, Tensor* grad_logits, const Tensor& logits,
                                 const Tensor& labels) {
  below().softmax_cross_entropy(losses, correct, grad_logits, logits, labels);
}
void Rung::add_relu(Tensor& y, const Tensor& x) { below().add_relu(y, x); }
void Rung::add_scaled(Tensor& y, const Tensor& x, float scale) { below().add_scaled(y, x, scale); }
void Rung::lerp(Tensor& y, const Tensor& x, double keep, double take) { below().lerp(y, x, keep, take); }
void Rung::dropout(Tensor& y, const Tensor& x, const Tensor& mask, float scale) {
  below().dropout(y, x, mask, scale);
}
void Rung::sgd_step(Tensor& value, const Tensor& grad, Tensor* velocity, const SgdStep& s) {
  below().sgd_step(value, grad, velocity, s);
}
void Rung::adam_step(Tensor& value, const Tensor& grad, Tensor& mean, Tensor& mean_square,
                     const AdamStep& s) {
  below().adam_step(value, grad, mean, mean_square, s);
}

}  // namespace cnn
