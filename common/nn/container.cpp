// SPDX-License-Identifier: MIT
#include "common/nn/container.hpp"

#include <set>

#include "common/core/check.hpp"
#include "common/nn/tree.hpp"
#include "common/ops/elementwise.hpp"

namespace cnn::nn {

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
  for (const NamedParameter& p : named_parameters()) check_new(p.name);
  for (const NamedBuffer& b : named_buffers()) check_new(b.name);
}

void Container::replace_leaves(
    const std::function<std::shared_ptr<Module>(const std::string&, std::shared_ptr<Module>)>& replace) {
  for (NamedModule& child : children_) {
    if (auto* const container = dynamic_cast<Container*>(child.module.get())) {
      container->replace_leaves([&](const std::string& name, std::shared_ptr<Module> leaf) {
        return replace(join_names(child.name, name), std::move(leaf));
      });
    } else {
      child.module = replace(child.name, std::move(child.module));
    }
  }
}

Tensor sum(Tensor a, Tensor b, const Epilogue& epilogue) {
  const auto is_free = [](const Tensor& t) { return t.is_sole_owner() && t.is_dense(); };
  if (!is_free(a) && is_free(b)) std::swap(a, b);
  Tensor total = is_free(a) ? std::move(a) : a.clone();
  ops::add_scaled_inplace(total, b, 1, epilogue);
  return total;
}

}  // namespace cnn::nn
