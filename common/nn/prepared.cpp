// SPDX-License-Identifier: MIT
#include "common/nn/prepared.hpp"

#include "common/nn/batch_norm.hpp"
#include "common/nn/fold.hpp"
#include "common/nn/fuse.hpp"
#include "common/nn/sequential.hpp"
#include "common/nn/weighted.hpp"
#include "common/nn/wrapper.hpp"

namespace cnn::nn {
namespace {

/// The layer itself, also where another one watches it.
template <typename Layer>
Layer* as(Module* module) {
  while (auto* const wrapper = dynamic_cast<Wrapper*>(module)) module = wrapper->layer().get();
  return dynamic_cast<Layer*>(module);
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
    Module* const next = is_chain && k + 1 < children.size() ? children[k + 1].module.get() : nullptr;
    if (auto* const layer = as<Weighted>(children[k].module.get()); layer != nullptr)
      prepare_layer(*layer, as<BatchNorm>(next));
    else
      prepare(*children[k].module);
  }
}

void Prepared::prepare_layer(Weighted& layer, BatchNorm* norm) {
  PreparedWeight prepared{layer.weight().value, layer.bias_parameter().value, {.images = images_}};
  if (norm != nullptr && layer.epilogue().is_nothing()) {
    const Folded folded = fold_batch_norm(layer, *norm);
    const Device device = prepared.weight.device();
    prepared.weight = folded.weight.to(device), prepared.bias = folded.bias.to(device);
    layer.set_epilogue(norm->epilogue());  // the ReLU behind it
    norm->set_folded(true);
    undo_.emplace_back([&layer, norm] { layer.set_epilogue({}), norm->set_folded(false); });
  }
  layer.set_prepared(std::move(prepared));
  undo_.emplace_back([&layer] { layer.set_prepared({}); });
}
//! [prepare]

}  // namespace cnn::nn
