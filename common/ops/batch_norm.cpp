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
  return backend;
}

}  // namespace

BatchNorm batch_norm(const Tensor& x, const Tensor& weight, const Tensor& bias, double epsilon,
                     const Epilogue& epilogue) {
  Backend& backend = detail::backend_of(
      "batch_norm", {{"x", &x}, {"weight", &weight, Layout::dense}, {"bias", &bias, Layout::dense}});
  check_input("batch_norm", x);
  check_channels("batch_norm", "weight", weight, x);
  check_channels("batch_norm", "bias", bias, x);
  CNN_CHECK(
      x.size() > 0, ShapeError,
      "[batch_norm] x is " + to_string(x.shape()) + " and has no values to take a mean of; give it some");
  const Shape channels = weight.shape();
  BatchNorm result{Tensor::empty(x.shape(), x.device()), Tensor::empty(channels, x.device()),
                   Tensor::empty(channels, x.device())};
  backend.batch_norm_statistics(result.mean, result.variance, x, Shards::all(x.shape()[0]));
  backend.batch_norm(result.y, x, {result.mean, result.variance, weight, bias, epsilon, epilogue});
  return result;
}

Tensor normalize(Tensor x, const Normalization& norm) {
  Backend& backend = check_norm("normalize", nullptr, x, norm);
  Tensor y = x.is_sole_owner() ? x : Tensor::empty(x.shape(), x.device());
  if (x.size() > 0) backend.batch_norm(y, x, norm);
  return y;
}

BatchNormGrads batch_norm_backward(Tensor grad_y, const Tensor& x, const Normalization& norm) {
  Backend& backend = check_norm("batch_norm_backward", &grad_y, x, norm);
  detail::check_shape("batch_norm_backward", "grad_y", grad_y.shape(), x.shape());
  CNN_CHECK(x.size() > 0, ShapeError,
            "[batch_norm_backward] x is " + to_string(x.shape()) + " and has no values; give it some");
  const Shape channels = norm.weight.shape();
  const bool reuse = grad_y.is_sole_owner() && grad_y.is_dense();
  BatchNormGrads grads{reuse ? grad_y : Tensor::empty(x.shape(), x.device()),
                       Tensor::empty(channels, x.device()), Tensor::empty(channels, x.device())};
  backend.batch_norm_backward(grads.x, grads.weight, grads.bias, grad_y, x, norm, Shards::all(x.shape()[0]));
  return grads;
}

}  // namespace cnn::ops
