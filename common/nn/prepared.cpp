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

/// The layer itself, also where another one watches it; null if it is none of this kind.
template <typename Layer>
Layer* as(Module* module) {
  while (auto* const wrapper = dynamic_cast<Wrapper*>(module)) module = wrapper->layer().get();
  return dynamic_cast<Layer*>(module);
}

/// The normalization whose results, or a ReLU of them, are what layer k reads; null for none.
BatchNorm* norm_before(const std::vector<NamedModule>& layers, std::size_t k) {
  if (k > 0) {
    const auto* const relu = as<ReLU>(layers[k - 1].module.get());
    if (relu != nullptr && relu->is_fused()) --k;
  }
  return k > 0 ? as<BatchNorm>(layers[k - 1].module.get()) : nullptr;
}

//! [prepare]
/// The layer multiplies and adds for the normalization behind it, and does what
/// follows that.
void fold_behind(PreparedWeight& own, Weighted& layer, BatchNorm& norm) {
  const Device device = own.weight.device();
  const Folded folded = fold_batch_norm(layer, norm);
  own.weight = folded.weight.to(device);
  own.bias = folded.bias.to(device);
  layer.set_epilogue(norm.epilogue());
  norm.set_folded(true);
}

/// A convolution scales and shifts its input while it reads it.
void fold_before(PreparedWeight& own, BatchNorm& norm) {
  const Device device = own.weight.device();
  const Line line = line_of(norm);
  own.scale = line.scale.to(device);
  own.shift = line.shift.to(device);
  own.prologue.emplace(Prologue{{own.scale, own.shift}, norm.epilogue().relu});
  norm.set_folded(true);
}
//! [prepare]

}  // namespace

Prepared::Prepared(Module& model, Index images)
    : model_(model), images_(images), was_training_(model.is_training()) {
  fuse(model);
  model.train(false);
  prepare(model);
}

Prepared::~Prepared() {
  for (const Change& change : changes_) {
    change.layer->set_prepared(nullptr);
    if (change.before != nullptr) change.before->set_folded(false);
    if (change.behind == nullptr) continue;
    change.behind->set_folded(false);
    change.layer->set_epilogue({});
  }
  model_.train(was_training_);
}

void Prepared::prepare(Module& module) {
  const std::vector<NamedModule>& children = module.children();
  const bool is_chain = dynamic_cast<Sequential*>(&module) != nullptr;
  for (std::size_t k = 0; k < children.size(); ++k) {
    auto* const layer = as<Weighted>(children[k].module.get());
    if (layer == nullptr) {
      prepare(*children[k].module);
      continue;
    }
    BatchNorm *before = nullptr, *behind = nullptr;
    if (is_chain && dynamic_cast<Conv2d*>(layer) != nullptr) before = norm_before(children, k);
    if (is_chain && k + 1 < children.size()) behind = as<BatchNorm>(children[k + 1].module.get());
    prepare_layer(*layer, before, behind);
  }
}

void Prepared::prepare_layer(Weighted& layer, BatchNorm* before, BatchNorm* behind) {
  auto own = std::make_shared<PreparedWeight>();
  own->weight = layer.weight().value, own->bias = layer.bias_parameter().value;
  own->kept.images = images_;
  if (before != nullptr && before->is_folded()) before = nullptr;  // by the layer before it
  if (!layer.epilogue().is_nothing()) behind = nullptr;            // a ReLU is between them
  if (before != nullptr) fold_before(*own, *before);
  if (behind != nullptr) fold_behind(*own, layer, *behind);
  layer.set_prepared(std::move(own));
  changes_.push_back({&layer, before, behind});
}

}  // namespace cnn::nn
