// SPDX-License-Identifier: MIT
#include "common/nn/fuse.hpp"

#include "common/nn/activation.hpp"
#include "common/nn/fusible.hpp"
#include "common/nn/sequential.hpp"

namespace cnn::nn {

//! [fuse]
bool fuse(Module& model, bool on) {
  bool changed = false;
  const auto& children = model.children();
  for (const auto& child : children) changed = fuse(*child.module, on) || changed;
  if (dynamic_cast<Sequential*>(&model) == nullptr)
    return changed;  // neighbours that do not follow each other
  for (std::size_t i = 1; i < children.size(); ++i) {
    auto* const layer = dynamic_cast<Fusible*>(children[i - 1].module.get());
    auto* const relu = dynamic_cast<ReLU*>(children[i].module.get());
    if (layer == nullptr || relu == nullptr || relu->is_fused() == on) continue;
    layer->set_epilogue({.relu = on});
    relu->set_fused(on);
    changed = true;
  }
  return changed;
}
//! [fuse]

}  // namespace cnn::nn
