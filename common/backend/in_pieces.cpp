// SPDX-License-Identifier: MIT
#include "common/backend/in_pieces.hpp"

#include <vector>

namespace cnn {
namespace {

Tensor filled(Index count, float value, Device device) {
  if (device.type == DeviceType::meta) return Tensor::empty({count}, device);
  return Tensor::from_values({count}, std::vector<float>(static_cast<std::size_t>(count), value), device);
}

/// What a rung does while it writes: a ReLU if nothing comes before it.
Epilogue in_one_pass(const Epilogue& epilogue) { return epilogue.is_simple() ? epilogue : Epilogue{}; }

}  // namespace

void InPieces::conv2d(Tensor& y, const Tensor& x, const ConvWeights& w, const ConvGeometry& g) {
  if (fuses_ == Fuses::all) return below().conv2d(y, x, w, g);
  Tensor input = x;
  const Prologue* const prologue = fuses_ == Fuses::prologue ? w.prologue : nullptr;
  if (w.prologue != prologue) {
    input = Tensor::empty(x.shape(), x.device());
    scale_and_shift(input, x, w.prologue->line, w.prologue->relu);
  }
  below().conv2d(y, input, {w.weight, w.bias, in_one_pass(w.epilogue), prologue, w.kept}, g);
  finish(y, w.epilogue);
}

void InPieces::linear(Tensor& y, const Tensor& x, const ConvWeights& w) {
  if (fuses_ == Fuses::all) return below().linear(y, x, w);
  below().linear(y, x, {w.weight, w.bias, in_one_pass(w.epilogue), nullptr, w.kept});
  finish(y, w.epilogue);
}

void InPieces::conv2d_backward_input(Tensor& grad_x, const Tensor& grad_y, const Tensor& weight,
                                     const ConvGeometry& g, Write write) {
  if (fuses_ == Fuses::all) return below().conv2d_backward_input(grad_x, grad_y, weight, g, write);
  write_or_add(grad_x, write, [&](Tensor& grad) {
    below().conv2d_backward_input(grad, grad_y, weight, g, Write::overwrites);
  });
}

void InPieces::max_pool2d_backward(Tensor& grad_x, const Tensor& grad_y, const Tensor& indices,
                                   const Pool2dOptions& o, Write write) {
  write_or_add(grad_x, write, [&](Tensor& grad) {
    below().max_pool2d_backward(grad, grad_y, indices, o, Write::overwrites);
  });
}

void InPieces::avg_pool2d_backward(Tensor& grad_x, const Tensor& grad_y, const Pool2dOptions& o,
                                   Write write) {
  write_or_add(grad_x, write,
               [&](Tensor& grad) { below().avg_pool2d_backward(grad, grad_y, o, Write::overwrites); });
}

void InPieces::batch_norm_backward(Tensor& grad_x, Tensor& grad_weight, Tensor& grad_bias,
                                   const Tensor& grad_y, const Tensor& x, const Normalization& norm,
                                   const BatchPart& part, Write write) {
  write_or_add(grad_x, write, [&](Tensor& grad) {
    below().batch_norm_backward(grad, grad_weight, grad_bias, grad_y, x, norm, part, Write::overwrites);
  });
}

template <typename Gradient>
void InPieces::write_or_add(Tensor& grad_x, Write write, const Gradient& gradient) {
  if (write == Write::overwrites) return gradient(grad_x);
  Tensor grad = Tensor::empty(grad_x.shape(), grad_x.device());
  gradient(grad);
  below().add_scaled(grad_x, grad, 1, {});
}

/// A batch normalization with a mean of 0 and a variance of 1 does nothing else.
void InPieces::scale_and_shift(Tensor& y, const Tensor& x, const ChannelLine& line, bool relu) {
  const Tensor zeros = filled(x.shape()[1], 0, x.device()), ones = filled(x.shape()[1], 1, x.device());
  below().batch_norm(y, x, {zeros, ones, line.scale, line.shift, 0, {.relu = relu}});
}

void InPieces::finish(Tensor& y, const Epilogue& epilogue) {
  const Tensor* const residual = epilogue.residual;
  if (epilogue.line != nullptr) scale_and_shift(y, y, *epilogue.line, epilogue.relu && residual == nullptr);
  if (residual != nullptr) below().add_scaled(y, *residual, 1, {.relu = epilogue.relu});
}

}  // namespace cnn
