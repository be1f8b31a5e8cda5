// SPDX-License-Identifier: MIT
#include "common/backend/reference/reference_backend.hpp"

#include <utility>

#include "common/backend/batch_norm_sums.hpp"
#include "common/backend/elements.hpp"
#include "common/backend/reference/activation.hpp"
#include "common/backend/reference/array4.hpp"
#include "common/backend/reference/batch_norm.hpp"
#include "common/backend/reference/conv2d.hpp"
#include "common/backend/reference/linear.hpp"
#include "common/backend/reference/optim.hpp"
#include "common/backend/reference/pool2d.hpp"
#include "common/backend/reference/softmax.hpp"

namespace cnn {
namespace {

using reference::array4;

constexpr Index grain = 16384;  // elements a thread takes at a time

const float* data_or_null(const Tensor* x) { return x == nullptr ? nullptr : x->data(); }
float* data_or_null(Tensor* x) { return x == nullptr ? nullptr : x->data(); }

reference::LinearSizes linear_sizes(Index rows, const Tensor& weight) {
  const auto [out, in] = weight.dims<2>();
  return {rows, in, out};
}

/// Rows [n, c] as images of one pixel; images as they are.
template <typename T>
auto rows_or_images(T& x) {
  const Shape& s = x.shape();
  const bool rows = s.size() == 2;
  auto images = array4(x.data(), s[0], s[1], rows ? 1 : s.at(2), rows ? 1 : s.at(3));
  images.image_stride = x.image_stride();
  return images;
}

reference::Array4<std::int32_t> index_array(Tensor* indices) {
  if (indices == nullptr) return {};
  const auto [n, c, h, w] = indices->dims<4>();
  return {indices->indices(), n, c, h, w, indices->image_stride()};
}

reference::Array4<const std::int32_t> index_array(const Tensor& indices) {
  const auto [n, c, h, w] = indices.dims<4>();
  return {indices.indices(), n, c, h, w, indices.image_stride()};
}

}  // namespace

void ReferenceBackend::conv2d(Tensor& y, const Tensor& x, const ConvWeights& w, const ConvGeometry& g) {
  reference::conv2d(array4(y), array4(x), array4(w.weight), data_or_null(w.bias), g, w.epilogue.relu);
}

void ReferenceBackend::conv2d_backward_input(Tensor& grad_x, const Tensor& grad_y, const Tensor& weight,
                                             const ConvGeometry& g, Write) {
  reference::conv2d_backward_input(array4(grad_x), array4(grad_y), array4(weight), g);
}

void ReferenceBackend::conv2d_backward_weight(Tensor& grad_weight, Tensor* grad_bias, const Tensor& grad_y,
                                              const Tensor& x, const ConvGeometry& g, const Shards& shards) {
  reference::conv2d_backward_weight(array4(grad_weight), array4(grad_y), array4(x), g, shards);
  if (grad_bias != nullptr) reference::conv2d_backward_bias(grad_bias->data(), array4(grad_y), shards);
}

void ReferenceBackend::linear(Tensor& y, const Tensor& x, const ConvWeights& w) {
  reference::linear(y.data(), x.data(), w.weight.data(), data_or_null(w.bias),
                    linear_sizes(x.shape()[0], w.weight), w.epilogue.relu);
}

void ReferenceBackend::linear_backward_input(Tensor& grad_x, const Tensor& grad_y, const Tensor& weight) {
  reference::linear_backward_input(grad_x.data(), grad_y.data(), weight.data(),
                                   linear_sizes(grad_y.shape()[0], weight));
}

void ReferenceBackend::linear_backward_weight(Tensor& grad_weight, Tensor* grad_bias, const Tensor& grad_y,
                                              const Tensor& x, const Shards& shards) {
  reference::linear_backward_weight(grad_weight.data(), data_or_null(grad_bias), grad_y.data(), x.data(),
                                    linear_sizes(x.shape()[0], grad_weight), shards);
}

void ReferenceBackend::max_pool2d(Tensor& y, Tensor* indices, const Tensor& x, const Pool2dOptions& o) {
  reference::max_pool2d(array4(y), index_array(indices), array4(x), o);
}

void ReferenceBackend::max_pool2d_backward(Tensor& grad_x, const Tensor& grad_y, const Tensor& indices,
                                           const Pool2dOptions&, Write) {
  reference::max_pool2d_backward(array4(grad_x), array4(grad_y), index_array(indices));
}

void ReferenceBackend::avg_pool2d(Tensor& y, const Tensor& x, const Pool2dOptions& o) {
  reference::avg_pool2d(array4(y), array4(x), o);
}

void ReferenceBackend::avg_pool2d_backward(Tensor& grad_x, const Tensor& grad_y, const Pool2dOptions& o,
                                           Write) {
  reference::avg_pool2d_backward(array4(grad_x), array4(grad_y), o);
}

void ReferenceBackend::activation(Tensor& y, const Tensor& x, Activation f) {
  for_elements(
      grain, [&](const Elements& e) { reference::activation(e.of(y), e.of(x), f, e.count); }, y, x);
}

void ReferenceBackend::activation_backward(Tensor& grad_x, const Tensor& grad_y, const Tensor& y,
                                           Activation f) {
  const auto work = [&](const Elements& e) {
    reference::activation_backward(e.of(grad_x), e.of(grad_y), e.of(y), f, e.count);
  };
  for_elements(grain, work, grad_x, grad_y, y);
}

void ReferenceBackend::batch_norm_training(Tensor& y, const BatchStatistics& statistics, const Tensor& x,
                                           const Normalization& norm, const BatchPart& part) {
  const auto images = rows_or_images(x);
  BatchNormSums sums(images.c, part);
  for (Index k = 0; k < part.shards.count(); ++k)
    reference::batch_norm_moments(sums.first(k), sums.second(k), images, part.shards.begin(k),
                                  part.shards.begin(k + 1));
  sums.finish(statistics, images.h * images.w);
  batch_norm(y, x, norm);
}

void ReferenceBackend::batch_norm(Tensor& y, const Tensor& x, const Normalization& norm) {
  reference::batch_norm(rows_or_images(y), rows_or_images(x), norm.mean.data(), norm.variance.data(),
                        norm.weight.data(), norm.bias.data(), norm.epsilon, norm.epilogue.relu);
}

void ReferenceBackend::batch_norm_backward(Tensor& grad_x, Tensor& grad_weight, Tensor& grad_bias,
                                           const Tensor& grad_y, const Tensor& x, const Normalization& norm,
                                           const BatchPart& part, Write) {
  const auto images = rows_or_images(x);
  if (norm.epilogue.relu) {
    reference::batch_norm_relu_backward(rows_or_images(grad_x), rows_or_images(grad_y), images,
                                        norm.mean.data(), norm.variance.data(), norm.weight.data(),
                                        norm.bias.data(), norm.epsilon);
  }
  const auto grads = rows_or_images(norm.epilogue.relu ? std::as_const(grad_x) : grad_y);
  BatchNormSums sums(images.c, part);
  for (Index k = 0; k < part.shards.count(); ++k)
    reference::batch_norm_gradient_sums(sums.first(k), sums.second(k), grads, images, norm.mean.data(),
                                        part.shards.begin(k), part.shards.begin(k + 1));
  sums.finish(grad_weight, grad_bias, norm);
  reference::batch_norm_backward(rows_or_images(grad_x), grads, images, norm.mean.data(),
                                 norm.variance.data(), norm.weight.data(), norm.epsilon, sums.first(),
                                 sums.second(), part.shards.images * images.h * images.w);
}

void ReferenceBackend::softmax(Tensor& probabilities, const Tensor& logits) {
  const auto [n, classes] = logits.dims<2>();
  reference::softmax(probabilities.data(), logits.data(), n, classes);
}

void ReferenceBackend::softmax_cross_entropy(Tensor& losses, Tensor& correct, Tensor* grad_logits,
                                             const Tensor& logits, const Tensor& labels, Index images) {
  const auto [n, classes] = logits.dims<2>();
  reference::softmax_cross_entropy(losses.data(), correct.pixels(), data_or_null(grad_logits), logits.data(),
                                   labels.labels(), n, classes, images);
}

void ReferenceBackend::add_scaled(Tensor& y, const Tensor& x, float scale, const Epilogue& epilogue) {
  const auto work = [&](const Elements& e) {
    reference::add_scaled(e.of(y), e.of(x), scale, e.count, epilogue.relu);
  };
  for_elements(grain, work, y, x);
}

void ReferenceBackend::dropout(Tensor& y, const Tensor& x, const Tensor& mask, float scale) {
  for_elements(
      grain,
      [&](const Elements& e) {
        reference::dropout(e.of(y), e.of(x), mask.pixels() + e.offset(mask), scale, e.count);
      },
      y, x, mask);
}

void ReferenceBackend::sgd_step(const std::vector<SgdParameter>& parameters, const SgdStep& s) {
  for (SgdParameter p : parameters) {
    float* const velocity = p.velocity.defined() ? p.velocity.data() : nullptr;
    reference::sgd_step(p.value.data(), p.grad.data(), velocity, s, p.value.size());
  }
}

void ReferenceBackend::adam_step(const std::vector<AdamParameter>& parameters, const AdamStep& s) {
  for (AdamParameter p : parameters)
    reference::adam_step(p.value.data(), p.grad.data(), p.mean.data(), p.mean_square.data(), s,
                         p.value.size());
}

std::unique_ptr<Backend> make_reference_backend() { return std::make_unique<ReferenceBackend>(); }

}  // namespace cnn
