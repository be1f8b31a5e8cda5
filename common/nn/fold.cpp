// SPDX-License-Identifier: MIT
#include "common/nn/fold.hpp"

#include <cmath>
#include <string>
#include <vector>

#include "common/core/check.hpp"

namespace cnn::nn {
namespace {

double epsilon_of(const Module& norm) {
  for (const auto& [name, value] : norm.spec().options)
    if (name == "epsilon") return std::stod(value);
  throw StateError("[fold] " + norm.spec().kind + " does not say its epsilon");
}

/// Scale and shift, mean and variance, on the host.
std::vector<Tensor> numbers_of(Module& norm) {
  std::vector<Tensor> numbers;
  for (const Parameter* p : norm.own_parameters()) numbers.push_back(p->value.to({}));
  for (const Buffer* b : norm.own_buffers())
    if (b->value.dtype() == DType::f32) numbers.push_back(b->value.to({}));
  return numbers;
}

}  // namespace

Line line_of(Module& norm) {
  const std::vector<Tensor> n = numbers_of(norm);
  const double epsilon = epsilon_of(norm);
  const Index channels = n.at(0).size();
  Line line{Tensor::empty({channels}), Tensor::empty({channels})};
  for (Index c = 0; c < channels; ++c) {
    const double scale = n[0].data()[c] / std::sqrt(n.at(3).data()[c] + epsilon);
    line.scale.data()[c] = static_cast<float>(scale);
    line.shift.data()[c] = static_cast<float>(n[1].data()[c] - scale * n[2].data()[c]);
  }
  return line;
}

bool is_batch_norm(const Module& module) {
  return module.children().empty() && module.spec().kind.starts_with("BatchNorm");
}

bool can_fold(const Module& layer, const Module& next) {
  const std::string kind = layer.spec().kind;
  return layer.children().empty() && (kind == "Conv2d" || kind == "Linear") && is_batch_norm(next);
}

Folded fold_batch_norm(Module& layer, Module& norm) {
  const std::vector<Parameter*> own = layer.own_parameters();
  const std::vector<Tensor> n = numbers_of(norm);
  const Tensor weight = own.at(0)->value.to({});
  const Index outputs = weight.shape()[0], inputs = weight.size() / outputs;
  CNN_CHECK(n.at(0).size() == outputs, ShapeError,
            "[fold] " + std::to_string(outputs) + " outputs are followed by a normalization of " +
                std::to_string(n[0].size()) + " channels");
  const Tensor bias = own.size() > 1 ? own[1]->value.to({}) : Tensor::zeros({outputs});
  const float *const gamma = n[0].data(), *const beta = n[1].data(), *const mean = n[2].data(),
                     *const variance = n.at(3).data();
  const double epsilon = epsilon_of(norm);
  Folded folded{Tensor::empty(weight.shape()), Tensor::empty({outputs})};
  for (Index o = 0; o < outputs; ++o) {
    const double scale = gamma[o] / std::sqrt(variance[o] + epsilon);
    for (Index i = o * inputs; i < (o + 1) * inputs; ++i)
      folded.weight.data()[i] = static_cast<float>(scale * weight.data()[i]);
    folded.bias.data()[o] = static_cast<float>(scale * (double{bias.data()[o]} - mean[o]) + beta[o]);
  }
  return folded;
}

}  // namespace cnn::nn
