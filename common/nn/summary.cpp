// SPDX-License-Identifier: MIT
#include "common/nn/summary.hpp"

#include <fmt/format.h>

#include "common/core/table.hpp"

namespace cnn::nn {
namespace {

std::string bytes_text(Index bytes) {
  const auto b = static_cast<double>(bytes);
  if (bytes < 1024) return fmt::format("{} B", bytes);
  if (bytes < 1024 * 1024) return fmt::format("{:.1f} KiB", b / 1024);
  return fmt::format("{:.1f} MiB", b / (1024 * 1024));
}

}  // namespace

Summary summarize(const Module& model, const Shape& x) {
  Summary summary{.input_shape = x, .rows = {}};
  const std::vector<Leaf> leaves = model.leaves();
  const std::vector<Flow> inputs = model.leaf_inputs({.shape = x, .field = {}, .kept = 0});
  for (std::size_t i = 0; i < leaves.size(); ++i) {
    const Cost cost = leaves[i].module->cost(inputs[i].shape);
    const Flow y = leaves[i].module->trace(inputs[i]);
    const Index shared = cost.keeps_input ? inputs[i].kept * size_of(DType::f32) : 0;
    summary.rows.push_back({.name = leaves[i].name,
                            .kind = leaves[i].module->spec().kind,
                            .output_shape = y.shape,
                            .parameters = cost.parameters,
                            .macs = cost.macs,
                            .activation_bytes = cost.activation_bytes - shared,
                            .field = y.field});
    summary.parameters += cost.parameters;
    summary.macs += cost.macs;
    summary.activation_bytes += cost.activation_bytes - shared;
  }
  return summary;
}

std::string to_text(const Summary& summary) {
  Table table({"name", "layer", "output", "parameters", "MACs", "activations", "receptive field"}, 3);
  for (const SummaryRow& row : summary.rows) {
    table.add({row.name, row.kind, to_string(row.output_shape), grouped(row.parameters), grouped(row.macs),
               bytes_text(row.activation_bytes), row.field.all ? "all" : to_string(row.field.size)});
  }
  table.add({"total", "", "", grouped(summary.parameters), grouped(summary.macs),
             bytes_text(summary.activation_bytes), ""});
  return table.draw();
}

}  // namespace cnn::nn
