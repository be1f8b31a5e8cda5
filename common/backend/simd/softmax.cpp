// SPDX-License-Identifier: MIT
#include <algorithm>
#include <limits>
#include <vector>

#include "common/backend/argmax.hpp"
#include "common/backend/simd/simd_backend.hpp"
#include "common/backend/simd/unfused.hpp"
#include "common/core/threads.hpp"

namespace cnn {
namespace {

/// Rows that are worth another thread.
Index rows_in_turn(Index classes) { return std::max<Index>(1, 4096 / classes); }

}  // namespace

void SimdBackend::softmax(Tensor& probabilities, const Tensor& logits) {
  const auto [n, classes] = logits.dims<2>();
  parallel_for(n, rows_in_turn(classes), [&, classes = classes](Index first, Index last) {
    for (Index i = first; i < last; ++i)
      simd::unfused_kernels().softmax_row(probabilities.data() + i * classes, logits.data() + i * classes,
                                          classes);
  });
}

void SimdBackend::softmax_cross_entropy(Tensor& losses, Tensor& correct, Tensor* grad_logits,
                                        const Tensor& logits, const Tensor& labels, Index images) {
  const auto [n, classes] = logits.dims<2>();
  parallel_for(n, rows_in_turn(classes), [&, classes = classes](Index first, Index last) {
    std::vector<float> unwanted(static_cast<std::size_t>(grad_logits == nullptr ? classes : 0));
    for (Index i = first; i < last; ++i) {
      const float* const z = logits.data() + i * classes;
      float* const grad = grad_logits == nullptr ? unwanted.data() : grad_logits->data() + i * classes;
      const std::int64_t label = labels.labels()[i];
      const double log_sum = simd::unfused_kernels().softmax_row(grad, z, classes);
      const bool is_class = label >= 0 && label < classes;
      const double own = is_class ? double{z[label]} : std::numeric_limits<double>::quiet_NaN();
      losses.data()[i] = static_cast<float>(log_sum - own);
      correct.pixels()[i] = argmax(z, classes) == label;
      if (is_class) grad[label] -= 1;
      for (Index j = 0; j < classes; ++j) grad[j] /= static_cast<float>(images);
    }
  });
}

}  // namespace cnn
