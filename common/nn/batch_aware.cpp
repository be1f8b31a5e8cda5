// SPDX-License-Identifier: MIT
#include "common/nn/batch_aware.hpp"

namespace cnn::nn {
namespace {

void set_part(Module& module, const BatchPart* part) {
  if (auto* const layer = dynamic_cast<BatchAware*>(&module)) layer->set_part(part);
  for (const NamedModule& child : module.children()) set_part(*child.module, part);
}

}  // namespace

BatchPartScope::BatchPartScope(Module& model, const BatchPart& part) : model_(model), part_(part) {
  set_part(model_, &part_);
}

BatchPartScope::~BatchPartScope() { set_part(model_, nullptr); }

}  // namespace cnn::nn
