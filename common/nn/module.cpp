// SPDX-License-Identifier: MIT
#include "common/nn/module.hpp"

#include "common/ops/elementwise.hpp"

namespace cnn::nn {

ReceptiveField ReceptiveField::through(Size2d kernel, Size2d stride) const {
  return {.size = {size.h + (kernel.h - 1) * jump.h, size.w + (kernel.w - 1) * jump.w},
          .jump = {jump.h * stride.h, jump.w * stride.w},
          .all = all};
}

void Module::to(Device device) {
  for (const NamedParameter& p : named_parameters()) {
    p.parameter->value = p.parameter->value.to(device);
    p.parameter->grad = p.parameter->grad.to(device);
  }
  for (const NamedBuffer& b : named_buffers()) b.buffer->value = b.buffer->value.to(device);
}

Flow Module::trace(const Flow& x) const {
  Shape y = output_shape(x.shape);
  const Index kept = cost(x.shape).keeps_output ? element_count(y) : 0;
  return {.shape = std::move(y), .field = x.field, .kept = kept};
}

std::vector<Parameter*> Module::parameters() {
  std::vector<Parameter*> result;
  for (const NamedParameter& p : named_parameters()) result.push_back(p.parameter);
  return result;
}

void Module::zero_grad() {
  for (const NamedParameter& p : named_parameters()) p.parameter->grad = {};
}

Device device_of(Module& module) {
  const std::vector<Parameter*> all = module.parameters();
  return all.empty() ? Device{} : all[0]->value.device();
}

void add_grad(Parameter& parameter, Tensor grad) {
  if (parameter.grad.defined()) {
    ops::add_scaled_inplace(parameter.grad, grad);
  } else {
    parameter.grad = std::move(grad);
  }
}

}  // namespace cnn::nn
