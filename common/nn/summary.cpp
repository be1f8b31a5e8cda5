// SPDX-License-Identifier: MIT
#include "common/nn/summary.hpp"

#include <fmt/format.h>

#include "common/nn/tree.hpp"

namespace cnn::nn {
namespace {

std::string bytes_text(Index bytes) {
  const auto b = static_cast<double>(bytes);
  if (bytes < 1024) return fmt::format("{} B", bytes);
  if (bytes < 1024 * 1024) return fmt::format("{:.1f} KiB", b / 1024);
  return fmt::format("{:.1f} MiB", b / (1024 * 1024));
}

/// What fuse() did is told in the options.
std::string kind_text(const Spec& spec) {
  std::string text = spec.kind;
  for (const auto& [name, value] : spec.options) {
    if (name == "epilogue") text += " + " + value;
    if (name == "fused") text += " (fused)";
  }
  return text;
}

}  // namespace

Summary summarize(const Module& model, const Shape& x) {
  const Cost cost = model.cost(x);
  Summary summary{.input_shape = x, .rows = {}, .parameters = cost.parameters, .macs = cost.macs};
  const std::vector<Leaf> leaves = model.leaves();
  std::vector<LeafFlow> flows;
  trace(model, {x}, &flows);
  for (std::size_t i = 0; i < leaves.size(); ++i) {
    const Flow& y = flows[i].y;
    const Cost own = leaves[i].module->cost(flows[i].x.shape);
    summary.rows.push_back({.name = leaves[i].name,
                            .kind = kind_text(leaves[i].module->spec()),
                            .output_shape = y.shape,
                            .parameters = own.parameters,
                            .macs = own.macs,
                            .activation_bytes = element_count(y.shape) * size_of(DType::f32),
                            .field = y.field});
    summary.activation_bytes += summary.rows.back().activation_bytes;
  }
  return summary;
}

Table to_table(const Summary& summary) {
  Table table({"name", "layer", "output", "parameters", "MACs", "activations", "receptive field"}, 3);
  for (const SummaryRow& row : summary.rows) {
    table.add({row.name, row.kind, to_string(row.output_shape), grouped(row.parameters), grouped(row.macs),
               bytes_text(row.activation_bytes), row.field.all ? "all" : to_string(row.field.size)});
  }
  table.add({"total", "", "", grouped(summary.parameters), grouped(summary.macs),
             bytes_text(summary.activation_bytes), ""});
  return table;
}

std::string to_text(const Summary& summary) { return to_table(summary).draw(); }

}  // namespace cnn::nn
