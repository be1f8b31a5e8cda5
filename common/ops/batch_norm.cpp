// SPDX-License-Identifier: MIT
#include "common/ops/batch_norm.hpp"

#include <utility>

#include "common/core/check.hpp"
#include "common/ops/checks.hpp"

namespace cnn::ops {
namespace {

using detail::Layout;

void check_input(const char* operation, const Tensor& x) {
  CNN_CHECK(x.rank() == 2 || x.rank() == 4, ShapeError,
            std::string("[") + operation + "] x must be [n, c] or [n, c, h, w]; it is " +
                to_string(x.shape()) + ", reshape() it");
}

void check_channels(const char* operation, const char* name, const Tensor& v, const Tensor& x) {
  CNN_CHECK(v.shape() == Shape{x.shape()[1]}, ShapeError,
            std::string("[") + operation + "] " + name + " must have one number for each of " +
                std::to_string(x.shape()[1]) + " channels, it is " + to_string(v.shape()) +
                " (x = " + to_string(x.shape()) + ")");
}

/// \param grad_y  null in a forward pass
Backend& check_norm(const char* operation, const Tensor* grad_y, const Tensor& x, const Normalization& norm) {
  Backend& backend = detail::backend_of(operation, {{"x", &x},
                                                    {"grad_y", grad_y},
                                                    {"mean", &norm.mean, Layout::dense},
                                                    {"variance", &norm.variance, Layout::dense},
                                                    {"weight", &norm.weight, Layout::dense},
                                                    {"bias", &norm.bias, Layout::dense}});
  check_input(operation, x);
  check_channels(operation, "mean", norm.mean, x);
  check_channels(operation, "variance", norm.variance, x);
  check_channels(operation, "weight", norm.weight, x);
  check_channels(operation, "bias", norm.bias, x);
  detail::check_simple(operation, norm.epilogue);
  return backend;
}

/// The part of a batch, checked: it must have `least` values of a channel, of this process or another.
BatchPart check_part(const char* operation, const Tensor& x, const std::optional<BatchPart>& part,
                     Index least) {
  const BatchPart whole = part.value_or(BatchPart::all(x.shape()[0]));
  const Index pixels = x.rank() == 4 ? x.shape()[2] * x.shape()[3] : 1;
  CNN_CHECK(
      whole.shards.image_count() == x.shape()[0] && whole.shards.images * pixels >= least && x.shape()[1] > 0,
      ShapeError,
      std::string("[") + operation + "] x is " + to_string(x.shape()) + ", the batch has " +
          std::to_string(whole.shards.images) + (whole.shards.images == 1 ? " image" : " images") +
          "; statistics take at least " + std::to_string(least) + (least == 1 ? " value" : " values") +
          " of each channel");
  return whole;
}

}  // namespace

BatchNorm batch_norm(const Tensor& x, const Tensor& weight, const Tensor& bias, double epsilon,
                     const Epilogue& epilogue, const RunningStatistics* running,
                     const std::optional<BatchPart>& part) {
  const Shape channels = x.rank() > 1 ? Shape{x.shape()[1]} : weight.shape();
  BatchNorm result{{}, Tensor::empty(channels, x.device()), Tensor::empty(channels, x.device())};
  const Normalization norm{result.mean, result.variance, weight, bias, epsilon, epilogue};
  Backend& backend = check_norm("batch_norm", nullptr, x, norm);
  const BatchPart whole = check_part("batch_norm", x, part, running == nullptr ? 1 : 2);
  if (running != nullptr) {
    detail::backend_of("batch_norm", {{"x", &x},
                                      {"running mean", &running->mean, Layout::dense},
                                      {"running variance", &running->variance, Layout::dense}});
    check_channels("batch_norm", "running mean", running->mean, x);
    check_channels("batch_norm", "running variance", running->variance, x);
  }
  result.y = Tensor::empty(x.shape(), x.device());
  backend.batch_norm_training(result.y, {result.mean, result.variance, running}, x, norm, whole);
  return result;
}

Tensor normalize(Tensor x, const Normalization& norm) {
  Backend& backend = check_norm("normalize", nullptr, x, norm);
  Tensor y = x.is_sole_owner() ? x : Tensor::empty(x.shape(), x.device());
  if (x.size() > 0) backend.batch_norm(y, x, norm);
  return y;
}

BatchNormGrads batch_norm_backward(Tensor grad_y, const Tensor& x, const Normalization& norm,
                                   const std::optional<BatchPart>& part) {
  const bool reuse = grad_y.is_sole_owner() && grad_y.is_dense();
  const Shape channels = norm.weight.shape();
  BatchNormGrads grads{reuse ? grad_y : Tensor::empty(x.shape(), x.device()),
                       Tensor::empty(channels, x.device()), Tensor::empty(channels, x.device())};
  batch_norm_backward_into(grads, grad_y, x, norm, part);
  return grads;
}

void batch_norm_backward_into(BatchNormGrads& grads, const Tensor& grad_y, const Tensor& x,
                              const Normalization& norm, const std::optional<BatchPart>& part, Write write) {
  Backend& backend = check_norm("batch_norm_backward", &grad_y, x, norm);
  detail::backend_of("batch_norm_backward", {{"grad_x", &grads.x},
                                             {"grad_weight", &grads.weight, Layout::dense},
                                             {"grad_bias", &grads.bias, Layout::dense},
                                             {"x", &x}});
  detail::check_shape("batch_norm_backward", "grad_y", grad_y.shape(), x.shape());
  detail::check_shape("batch_norm_backward", "grad_x", grads.x.shape(), x.shape());
  check_channels("batch_norm_backward", "grad_weight", grads.weight, x);
  check_channels("batch_norm_backward", "grad_bias", grads.bias, x);
  const BatchPart whole = check_part("batch_norm_backward", x, part, 1);
  backend.batch_norm_backward(grads.x, grads.weight, grads.bias, grad_y, x, norm, whole, write);
}

}  // namespace cnn::ops
