// SPDX-License-Identifier: MIT
#include "common/nn/tree.hpp"

#include <algorithm>

#include "common/nn/sequential.hpp"
#include "common/nn/wrapper.hpp"
#include "common/ops/elementwise.hpp"

namespace cnn::nn {
namespace {

/// Calls visit(full name, module) for a module and all that are below it, in the order of the forward pass.
template <typename M, typename Visit>
void walk(M& module, const Visit& visit, const std::string& name = "") {
  visit(name, module);
  for (const NamedModule& child : module.children())
    walk<M>(*child.module, visit, join_names(name, child.name));
}

bool is_layer(const Module& module) {
  return module.children().empty() && dynamic_cast<const Container*>(&module) == nullptr;
}

/// Whether the children work one after the other; else each of them gets the module's input.
bool is_chain(const Module& module) {
  return dynamic_cast<const Sequential*>(&module) != nullptr ||
         dynamic_cast<const Wrapper*>(&module) != nullptr;
}

/// What an element sees that depends on one of each.
ReceptiveField join(const ReceptiveField& a, const ReceptiveField& b) {
  return {.size = {std::max(a.size.h, b.size.h), std::max(a.size.w, b.size.w)},
          .jump = {std::max(a.jump.h, b.jump.h), std::max(a.jump.w, b.jump.w)},
          .all = a.all || b.all};
}

}  // namespace

ReceptiveField ReceptiveField::through(Size2d kernel, Size2d stride) const {
  return {.size = {size.h + (kernel.h - 1) * jump.h, size.w + (kernel.w - 1) * jump.w},
          .jump = {jump.h * stride.h, jump.w * stride.w},
          .all = all};
}

std::string join_names(const std::string& prefix, const std::string& name) {
  return prefix.empty() || name.empty() ? prefix + name : prefix + "." + name;
}

Flow trace(const Module& module, const Flow& x, std::vector<LeafFlow>* leaves) {
  Flow y{module.output_shape(x.shape)};
  if (is_layer(module)) {
    y.field = module.receptive_field(x.field);
    if (leaves != nullptr) leaves->push_back({&module, x, y});
    return y;
  }
  if (is_chain(module)) y = x;
  for (const NamedModule& child : module.children()) {
    if (is_chain(module)) {
      y = trace(*child.module, y, leaves);
    } else {
      y.field = join(y.field, trace(*child.module, x, leaves).field);
    }
  }
  return y;
}

std::vector<NamedParameter> Module::named_parameters() {
  std::vector<NamedParameter> all;
  walk(*this, [&](const std::string& name, Module& module) {
    for (Parameter* const p : module.own_parameters()) all.push_back({join_names(name, p->name), p});
  });
  return all;
}

std::vector<NamedBuffer> Module::named_buffers() {
  std::vector<NamedBuffer> all;
  walk(*this, [&](const std::string& name, Module& module) {
    for (Buffer* const b : module.own_buffers()) all.push_back({join_names(name, b->name), b});
  });
  return all;
}

std::vector<Parameter*> Module::parameters() {
  std::vector<Parameter*> all;
  for (const NamedParameter& p : named_parameters()) all.push_back(p.parameter);
  return all;
}

void Module::zero_grad() {
  for (Parameter* const p : parameters()) p->grad = {};
}

void Module::train(bool on) {
  walk(*this, [on](const std::string&, Module& module) { module.training_ = on; });
}

void Module::to(Device device) {
  for (Parameter* const p : parameters()) {
    p->value = p->value.to(device);
    p->grad = p->grad.to(device);
  }
  for (const NamedBuffer& b : named_buffers())
    if (!b.buffer->on_host) b.buffer->value = b.buffer->value.to(device);
}

void Module::set_input_grad_needed(bool needed) {
  input_grad_needed_ = needed;
  if (is_chain(*this) && !children_.empty()) children_[0].module->set_input_grad_needed(needed);
}

std::vector<Leaf> Module::leaves() const {
  std::vector<Leaf> all;
  walk(*this, [&](const std::string& name, const Module& module) {
    if (is_layer(module)) all.push_back({name, &module});
  });
  return all;
}

Cost Module::cost(const Shape& x) const {
  std::vector<LeafFlow> leaves;
  trace(*this, {x}, &leaves);
  Cost total;
  for (const LeafFlow& leaf : leaves) total.macs += leaf.module->macs(leaf.x.shape);
  walk(*this, [&](const std::string&, const Module& module) {
    // Asked for parameters to change, counts them.
    for (const Parameter* p : const_cast<Module&>(module).own_parameters())
      total.parameters += p->value.size();
  });
  return total;
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
