// SPDX-License-Identifier: MIT
#include "common/ops/softmax.hpp"

#include <cmath>

#include "common/core/check.hpp"
#include "common/ops/checks.hpp"

namespace cnn::ops {
namespace {

void check_logits(const char* operation, const Shape& logits) {
  detail::check_rank(operation, "logits", logits, "[n, classes]", 2);
  CNN_CHECK(logits[1] >= 1, ShapeError,
            std::string("[") + operation + "] logits need at least one class, they are " + to_string(logits));
}

/// The labels on the host, each of them a class.
Tensor checked_labels(const Tensor& labels, Index classes) {
  Tensor host = labels.to({});
  for (Index i = 0; i < host.size(); ++i) {
    const std::int64_t label = host.labels()[i];
    CNN_CHECK(label >= 0 && label < classes, DataError,
              "[softmax_cross_entropy] label " + std::to_string(label) + " of row " + std::to_string(i) +
                  " is not a class; there are " + std::to_string(classes) + ", 0 to " +
                  std::to_string(classes - 1));
  }
  return host;
}

}  // namespace

Tensor softmax(const Tensor& logits) {
  Backend& backend = detail::backend_of("softmax", {{"logits", &logits, detail::Layout::dense}});
  check_logits("softmax", logits.shape());
  Tensor probabilities = Tensor::empty(logits.shape(), logits.device());
  if (logits.size() > 0) backend.softmax(probabilities, logits);
  return probabilities;
}

CrossEntropy softmax_cross_entropy(const Tensor& logits, const Tensor& labels, bool with_gradient) {
  Backend& backend = detail::backend_of(
      "softmax_cross_entropy",
      {{"logits", &logits, detail::Layout::dense}, {"labels", &labels, detail::Layout::dense, DType::i64}});
  check_logits("softmax_cross_entropy", logits.shape());
  const Index n = logits.shape()[0];
  CNN_CHECK(n >= 1, ShapeError, "[softmax_cross_entropy] the batch is empty; a mean needs at least one row");
  detail::check_shape("softmax_cross_entropy", "labels", labels.shape(), {n});
  const Tensor host_labels = checked_labels(labels, logits.shape()[1]);

  CrossEntropy result{0, 0, {}};
  if (with_gradient) result.grad = Tensor::empty(logits.shape(), logits.device());
  Tensor losses = Tensor::empty({n}, logits.device());
  backend.softmax_cross_entropy(losses, with_gradient ? &result.grad : nullptr, logits, labels);

  const Tensor host_losses = losses.to({});
  const Tensor predicted = argmax(logits);
  for (Index i = 0; i < n; ++i) {
    result.loss += double{host_losses.data()[i]};
    if (predicted.labels()[i] == host_labels.labels()[i]) ++result.correct;
  }
  result.loss /= static_cast<double>(n);
  return result;
}

Tensor argmax(const Tensor& logits) {
  check_logits("argmax", logits.shape());
  CNN_CHECK(logits.dtype() == DType::f32 && logits.is_dense(), StateError,
            "[argmax] logits must be a dense f32 tensor");
  const Tensor host = logits.to({});
  const auto [n, classes] = host.dims<2>();
  Tensor best = Tensor::empty({n}, {}, DType::i64);
  for (Index i = 0; i < n; ++i) {
    const float* const row = host.data() + i * classes;
    Index winner = 0;
    for (Index j = 1; j < classes && !std::isnan(row[winner]); ++j) {
      if (row[j] > row[winner] || std::isnan(row[j])) winner = j;
    }
    best.labels()[i] = winner;
  }
  return best;
}

}  // namespace cnn::ops
