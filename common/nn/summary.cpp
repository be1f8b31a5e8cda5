// SPDX-License-Identifier: MIT
#include "common/nn/summary.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace cnn::nn {
namespace {

using Line = std::array<std::string, 7>;

std::string grouped(Index number) {
  std::string text = std::to_string(number);
  for (auto at = static_cast<Index>(text.size()) - 3; at > 0; at -= 3)
    text.insert(static_cast<std::size_t>(at), 1, ',');
  return text;
}

std::string bytes_text(Index bytes) {
  const auto b = static_cast<double>(bytes);
  if (bytes < 1024) return fmt::format("{} B", bytes);
  if (bytes < 1024 * 1024) return fmt::format("{:.1f} KiB", b / 1024);
  return fmt::format("{:.1f} MiB", b / (1024 * 1024));
}

Line to_line(const SummaryRow& row) {
  return {row.name,
          row.kind,
          to_string(row.output_shape),
          grouped(row.parameters),
          grouped(row.macs),
          bytes_text(row.activation_bytes),
          row.field.all ? "all" : to_string(row.field.size)};
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
  std::vector<Line> lines{
      {"name", "layer", "output", "parameters", "MACs", "activations", "receptive field"}};
  for (const SummaryRow& row : summary.rows) lines.push_back(to_line(row));
  lines.push_back({"total", "", "", grouped(summary.parameters), grouped(summary.macs),
                   bytes_text(summary.activation_bytes), ""});

  std::array<std::size_t, 7> width{};
  for (const Line& line : lines) {
    for (std::size_t c = 0; c < line.size(); ++c) width[c] = std::max(width[c], line[c].size());
  }
  std::string text;
  for (const Line& line : lines) {
    std::string out =
        fmt::format("{:<{}}  {:<{}}  {:<{}}", line[0], width[0], line[1], width[1], line[2], width[2]);
    for (std::size_t c = 3; c < line.size(); ++c) out += fmt::format("  {:>{}}", line[c], width[c]);
    out.erase(out.find_last_not_of(' ') + 1);
    text += out + "\n";
  }
  return text;
}

}  // namespace cnn::nn
