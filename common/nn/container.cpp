// SPDX-License-Identifier: MIT
#include "common/nn/container.hpp"

#include <algorithm>
#include <set>

#include "common/core/check.hpp"
#include "common/ops/elementwise.hpp"

namespace cnn::nn {
namespace {

std::string join(const std::string& prefix, const std::string& name) {
  return prefix.empty() || name.empty() ? prefix + name : prefix + "." + name;
}

}  // namespace

Container::Container(std::string kind, std::initializer_list<Child> children) : kind_(std::move(kind)) {
  for (const Child& child : children) push_back(child);
  check_names();
}

void Container::append(const Child& child) {
  push_back(child);
  check_names();
}

void Container::push_back(const Child& child) {
  children_.push_back({child.name().value_or(std::to_string(places_)), child.module()});
  if (child.name() != "") ++places_;
}

void Container::check_names() {
  std::set<std::string> names;
  const auto check_new = [&](const std::string& name) {
    CNN_CHECK(
        names.insert(name).second, UsageError,
        "[" + kind_ + "] two tensors would be saved as \"" + name + "\"; give the layers different names");
  };
  for (const NamedParameter& p : Container::named_parameters()) check_new(p.name);
  for (const NamedBuffer& b : Container::named_buffers()) check_new(b.name);
}

std::vector<NamedParameter> Container::named_parameters() {
  std::vector<NamedParameter> all;
  for (const auto& [name, module] : children_) {
    for (const NamedParameter& p : module->named_parameters())
      all.push_back({join(name, p.name), p.parameter});
  }
  return all;
}

std::vector<NamedBuffer> Container::named_buffers() {
  std::vector<NamedBuffer> all;
  for (const auto& [name, module] : children_) {
    for (const NamedBuffer& b : module->named_buffers()) all.push_back({join(name, b.name), b.buffer});
  }
  return all;
}

void Container::train(bool on) {
  Module::train(on);
  for (const NamedModule& child : children_) child.module->train(on);
}

void Container::to(Device device) {
  for (const NamedModule& child : children_) child.module->to(device);
}

Cost Container::cost(const Shape& x) const {
  Cost total;
  const std::vector<Leaf> all = leaves();
  const std::vector<Flow> inputs = leaf_inputs({.shape = x, .field = {}, .kept = 0});
  for (std::size_t i = 0; i < all.size(); ++i) {
    const Cost leaf = all[i].module->cost(inputs[i].shape);
    total.parameters += leaf.parameters;
    total.macs += leaf.macs;
    total.activation_bytes += leaf.activation_bytes;
    if (leaf.keeps_input) total.activation_bytes -= inputs[i].kept * size_of(DType::f32);
  }
  return total;
}

Spec Container::spec() const {
  Spec result{.kind = kind_, .options = {}, .children = {}};
  for (const auto& [name, module] : children_) result.children.emplace_back(name, module->spec());
  return result;
}

std::vector<Leaf> Container::leaves() const {
  std::vector<Leaf> all;
  for (const auto& [name, module] : children_) {
    for (const Leaf& leaf : module->leaves()) all.push_back({join(name, leaf.name), leaf.module});
  }
  return all;
}

void Container::replace_leaves(
    const std::function<std::shared_ptr<Module>(const std::string&, std::shared_ptr<Module>)>& replace) {
  for (NamedModule& child : children_) {
    if (auto* const container = dynamic_cast<Container*>(child.module.get())) {
      container->replace_leaves([&](const std::string& name, std::shared_ptr<Module> leaf) {
        return replace(join(child.name, name), std::move(leaf));
      });
    } else {
      child.module = replace(child.name, std::move(child.module));
    }
  }
}

Tensor sum(Tensor a, Tensor b, bool relu) {
  const auto is_free = [](const Tensor& t) { return t.is_sole_owner() && t.is_dense(); };
  if (!is_free(a) && is_free(b)) std::swap(a, b);
  Tensor total = is_free(a) ? std::move(a) : a.clone();
  if (relu) {
    ops::add_relu_inplace(total, b);
  } else {
    ops::add_scaled_inplace(total, b);
  }
  return total;
}

}  // namespace cnn::nn
