// SPDX-License-Identifier: MIT
#include "common/train/evaluate.hpp"

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
  for (data::Batch& batch : loader) {
    if (stop && stop()) break;
    const Index count = batch.labels.size();
    const Tensor logits = model.forward(std::move(batch.images).to(device));
    const ops::CrossEntropy result = ops::softmax_cross_entropy(logits, batch.labels.to(device), false);
    if (seen) seen(logits, batch.labels);
    const ops::RowResults on_host(result.bytes.to({}));
    loss += on_host.loss() * static_cast<double>(count);
    correct += on_host.correct_count();
    examples += count;
  }
  const double n = examples == 0 ? 1 : static_cast<double>(examples);
  return {.loss = loss / n, .accuracy = static_cast<double>(correct) / n};
}

}  // namespace cnn
