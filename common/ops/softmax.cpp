// SPDX-License-Identifier: MIT
#include "common/ops/softmax.hpp"

#include <algorithm>

#include "common/backend/argmax.hpp"
#include "common/core/check.hpp"
#include "common/ops/checks.hpp"

namespace cnn::ops {
namespace {

void check_logits(const char* operation, const Shape& logits) {
  detail::check_rank(operation, "logits", logits, "[n, classes]", 2);
  CNN_CHECK(logits[1] >= 1, ShapeError,
            std::string("[") + operation + "] logits need at least one class, they are " + to_string(logits));
}

}  // namespace

Tensor softmax(const Tensor& logits) {
  Backend& backend = detail::backend_of("softmax", {{"logits", &logits, detail::Layout::dense}});
  check_logits("softmax", logits.shape());
  Tensor probabilities = Tensor::empty(logits.shape(), logits.device());
  if (logits.size() > 0) backend.softmax(probabilities, logits);
  return probabilities;
}

CrossEntropy softmax_cross_entropy(const Tensor& logits, const Tensor& labels, bool with_gradient,
                                   std::optional<Index> images) {
  Backend& backend = detail::backend_of(
      "softmax_cross_entropy",
      {{"logits", &logits, detail::Layout::dense}, {"labels", &labels, detail::Layout::dense, DType::i64}});
  check_logits("softmax_cross_entropy", logits.shape());
  const Index n = logits.shape()[0];
  const Index all = images.value_or(n);
  CNN_CHECK(all >= 1, ShapeError,
            "[softmax_cross_entropy] the batch is empty; a mean needs at least one row");
  detail::check_shape("softmax_cross_entropy", "labels", labels.shape(), {n});

  CrossEntropy result{RowResults::empty(n, logits.device()), {}};
  if (with_gradient) result.grad = Tensor::empty(logits.shape(), logits.device());
  backend.softmax_cross_entropy(result.losses, result.correct, with_gradient ? &result.grad : nullptr, logits,
                                labels, all);
  return result;
}

RowResults::RowResults(const Tensor& all)
    : bytes(all),
      losses(all.part(0, {all.size() / bytes_of_row}, DType::f32)),
      correct(all.part(losses.size() * size_of(DType::f32), losses.shape(), DType::u8)) {}

RowResults RowResults::empty(Index n, Device device) {
  return RowResults(Tensor::empty({n * bytes_of_row}, device, DType::u8));
}

double RowResults::loss() const {
  const Tensor host = losses.to({});
  const double sum =
      sum_over_shards<double>(Shards::all(host.size()), [&](Index n) { return double{host.data()[n]}; });
  return sum / static_cast<double>(host.size());
}

Index RowResults::correct_count() const {
  const Tensor host = correct.to({});
  return std::count(host.pixels(), host.pixels() + host.size(), std::uint8_t{1});
}

Tensor argmax(const Tensor& logits) {
  check_logits("argmax", logits.shape());
  CNN_CHECK(logits.dtype() == DType::f32 && logits.is_dense(), StateError,
            "[argmax] logits must be a dense f32 tensor");
  const Tensor host = logits.to({});
  const auto [n, classes] = host.dims<2>();
  Tensor best = Tensor::empty({n}, {}, DType::i64);
  for (Index i = 0; i < n; ++i) {
    best.labels()[i] = cnn::argmax(host.data() + i * classes, classes);
  }
  return best;
}

}  // namespace cnn::ops
