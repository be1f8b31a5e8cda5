// SPDX-License-Identifier: MIT
#include "common/train/evaluate.hpp"

#include <optional>
#include <utility>

#include "common/ops/softmax.hpp"

namespace cnn {
Evaluation evaluate(nn::Module& model, data::DataLoader& loader, const std::function<bool()>& stop,
                    const std::function<void(const Tensor& logits, const Tensor& labels)>& seen) {
  const EvaluationMode mode(model);
  const Device device = nn::device_of(model);
  double loss = 0;
  Index correct = 0;
  Index examples = 0;
  std::optional<Download> pending;  // results of the batch before, which a device has found by now
  const auto settle = [&] {
    if (!pending) return;
    const ops::RowResults results(pending->get());
    loss += results.loss() * static_cast<double>(results.losses.size());
    correct += results.correct_count();
    examples += results.losses.size();
    pending.reset();
  };
  for (data::Batch& batch : loader) {
    if (stop && stop()) break;
    const Tensor logits = model.forward(std::move(batch.images).to(device));
    const ops::CrossEntropy result = ops::softmax_cross_entropy(logits, batch.labels.to(device), false);
    if (seen) seen(logits, batch.labels);
    Download results(result.bytes);
    settle();
    pending.emplace(std::move(results));
  }
  settle();
  const double n = examples == 0 ? 1 : static_cast<double>(examples);
  return {.loss = loss / n, .accuracy = static_cast<double>(correct) / n};
}

}  // namespace cnn
