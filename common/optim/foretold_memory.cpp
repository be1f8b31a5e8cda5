// SPDX-License-Identifier: MIT
#include "common/optim/foretold_memory.hpp"

#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "common/backend/backend.hpp"
#include "common/core/storage.hpp"
#include "common/nn/container.hpp"
#include "common/nn/wrapper.hpp"

namespace cnn::optim {
namespace {

constexpr Device meta{DeviceType::meta};

/// Allocates for a layer that cannot do it itself: as much as its input for the backward pass.
class StandIn : public nn::Wrapper {
 public:
  using nn::Wrapper::Wrapper;

  Tensor forward(Tensor x) override {
    const Shape shape = x.shape();
    try {
      return nn::Wrapper::forward(std::move(x));
    } catch (const DeviceError&) {
      x_shape_ = shape;
      saved_ = layer()->is_training() ? Tensor::empty(shape, meta) : Tensor{};
      return Tensor::empty(output_shape(shape), meta);
    }
  }
  Tensor backward(Tensor grad_y) override {
    if (!saved_.defined()) return nn::Wrapper::backward(std::move(grad_y));
    const Tensor saved = std::exchange(saved_, {});
    for (nn::Parameter* const p : parameters()) nn::add_grad(*p, Tensor::empty(p->value.shape(), meta));
    return Tensor::empty(x_shape_, meta);
  }

 private:
  Shape x_shape_;
  Tensor saved_;
};

/// Has a network on `meta` for the life of a scope, and puts back what it was.
class OnMeta {
 public:
  OnMeta(nn::Module& model, bool training)
      : model_(model), training_(model.is_training()), container_(dynamic_cast<nn::Container*>(&model)) {
    for (nn::Parameter* const p : model.parameters()) {
      put_aside(p->value, Tensor::empty(p->value.shape(), meta));
      put_aside(p->grad, {});
    }
    for (const nn::NamedBuffer& b : model.named_buffers()) {
      Tensor& value = b.buffer->value;
      put_aside(value, b.buffer->on_host ? value.clone() : Tensor::empty(value.shape(), meta));
    }
    model.train(training);
    if (container_ == nullptr) return;
    container_->replace_leaves([](const std::string&, std::shared_ptr<nn::Module> layer) {
      return std::make_shared<StandIn>(std::move(layer));
    });
  }
  ~OnMeta() {
    if (container_ != nullptr) {
      container_->replace_leaves([](const std::string&, const std::shared_ptr<nn::Module>& layer) {
        return dynamic_cast<const StandIn&>(*layer).layer();
      });
    }
    for (auto& [place, tensor] : aside_) *place = std::move(tensor);
    model_.train(training_);
  }
  OnMeta(const OnMeta&) = delete;
  OnMeta& operator=(const OnMeta&) = delete;

 private:
  void put_aside(Tensor& place, Tensor instead) {
    aside_.emplace_back(&place, std::exchange(place, std::move(instead)));
  }

  nn::Module& model_;
  bool training_;
  nn::Container* container_;
  std::vector<std::pair<Tensor*, Tensor>> aside_;
};

}  // namespace

ForetoldMemory foretell_memory(nn::Module& model, const Shape& x, const ForetellOptions& options) {
  std::optional<BackendScope> without_scratch;
  if (!options.scratch) without_scratch.emplace("reference");  // which needs none
  release_cached_memory(meta);
  const Index others = memory_stats(meta).in_use;
  const OnMeta on_meta(model, options.training);
  const std::unique_ptr<Optimizer> optimizer =
      options.optimizer != nullptr ? options.optimizer->anew() : nullptr;
  const Index before = memory_stats(meta).in_use - others;
  std::vector<Tensor> batches;
  for (Index k = 0; k < options.batches; ++k) batches.push_back(Tensor::empty(x, meta));
  reset_peak_memory(meta);
  for (int step = 0; step < 2; ++step) {  // freed gradients of the first wait in the second
    if (options.training) model.zero_grad();
    const Tensor y = model.forward(batches.at(0));
    if (options.training) model.backward(Tensor::empty(y.shape(), meta));
    if (optimizer != nullptr) optimizer->step();
  }
  const MemoryStats stats = memory_stats(meta);
  return {.before = before, .in_use = stats.peak - others, .held = stats.in_use + stats.cached - others};
}

}  // namespace cnn::optim
