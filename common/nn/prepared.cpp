// SPDX-License-Identifier: MIT
#include "common/nn/prepared.hpp"

#include "common/nn/activation.hpp"
#include "common/nn/batch_norm.hpp"
#include "common/nn/conv2d.hpp"
#include "common/nn/fold.hpp"
#include "common/nn/fuse.hpp"
#include "common/nn/sequential.hpp"
#include "common/nn/wrapper.hpp"

namespace cnn::nn {
namespace {

/// The layer itself, also where another one watches it.
template <typename Layer>
Layer* as(Module* module) {
  while (auto* const wrapper = dynamic_cast<Wrapper*>(module)) module = wrapper->layer().get();
  return dynamic_cast<Layer*>(module);
}

/// The normalization whose results, or a ReLU of them, are what layer k reads; null for none.
BatchNorm* norm_before(const std::vector<NamedModule>& children, std::size_t k) {
  if (k > 0) {
    const auto* const relu = as<ReLU>(children[k - 1].module.get());
    if (relu != nullptr && relu->is_fused()) --k;
  }
  return k > 0 ? as<BatchNorm>(children[k - 1].module.get()) : nullptr;
}

}  // namespace

Prepared::Prepared(Module& model, Index images)
    : model_(model), images_(images), was_training_(model.is_training()) {
  fuse(model);
  model.train(false);
  prepare(model);
}

Prepared::~Prepared() {
  for (const auto& undo : undo_) undo();
  model_.train(was_training_);
}

//! [prepare]
void Prepared::prepare(Module& module) {
  const std::vector<NamedModule>& children = module.children();
  const bool is_chain = dynamic_cast<Sequential*>(&module) != nullptr;
  for (std::size_t k = 0; k < children.size(); ++k) {
    auto* const layer = as<Weighted>(children[k].module.get());
    if (layer == nullptr) {
      prepare(*children[k].module);
      continue;
    }
    auto prepared = std::make_shared<PreparedWeight>();
    prepared->weight = layer->weight().value, prepared->bias = layer->bias_parameter().value;
    prepared->kept.images = images_;
    if (is_chain) {
      fold_before(*prepared, *layer, norm_before(children, k));
      if (k + 1 < children.size())
        fold_behind(*prepared, *layer, as<BatchNorm>(children[k + 1].module.get()));
    }
    layer->set_prepared(std::move(prepared));
    undo_.emplace_back([layer] { layer->set_prepared(nullptr); });
  }
}

/// The layer adds what the normalization behind it would add, and does what follows that.
void Prepared::fold_behind(PreparedWeight& prepared, Weighted& layer, BatchNorm* norm) {
  if (norm == nullptr || !layer.epilogue().is_nothing()) return;
  const Device device = prepared.weight.device();
  const Folded folded = fold_batch_norm(layer, *norm);
  prepared.weight = folded.weight.to(device), prepared.bias = folded.bias.to(device);
  layer.set_epilogue(norm->epilogue());
  norm->set_folded(true);
  undo_.emplace_back([&layer, norm] { layer.set_epilogue({}), norm->set_folded(false); });
}

/// A convolution scales and shifts its input while it reads it.
void Prepared::fold_before(PreparedWeight& prepared, Weighted& layer, BatchNorm* norm) {
  if (norm == nullptr || norm->is_folded() || dynamic_cast<Conv2d*>(&layer) == nullptr) return;
  const Device device = prepared.weight.device();
  const Line line = line_of(*norm);
  prepared.scale = line.scale.to(device), prepared.shift = line.shift.to(device);
  prepared.prologue.emplace(Prologue{{prepared.scale, prepared.shift}, norm->epilogue().relu});
  norm->set_folded(true);
  undo_.emplace_back([norm] { norm->set_folded(false); });
}
//! [prepare]

}  // namespace cnn::nn
