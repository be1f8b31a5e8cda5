// SPDX-License-Identifier: MIT
#include "bench/table.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace cnn::bench {

std::string Table::draw(bool markdown) const {
  std::vector<std::size_t> width(lines_[0].size());
  for (const auto& line : lines_) {
    for (std::size_t c = 0; c < line.size(); ++c) width[c] = std::max(width[c], line[c].size());
  }
  std::string text = draw_line(lines_[0], width, markdown);
  if (markdown) {
    text += "|";
    for (std::size_t c = 0; c < width.size(); ++c)
      text += std::string(width[c] + 1, '-') + (c < text_columns_ ? "-|" : ":|");
    text += "\n";
  }
  for (std::size_t k = 1; k < lines_.size(); ++k) text += draw_line(lines_[k], width, markdown);
  return text;
}

std::string Table::draw_line(const std::vector<std::string>& line, const std::vector<std::size_t>& width,
                             bool markdown) const {
  std::string text = markdown ? "| " : "";
  for (std::size_t c = 0; c < line.size(); ++c) {
    if (c > 0) text += markdown ? " | " : "  ";
    text += c < text_columns_ ? fmt::format("{:<{}}", line[c], width[c])
                              : fmt::format("{:>{}}", line[c], width[c]);
  }
  return text + (markdown ? " |\n" : "\n");
}

}  // namespace cnn::bench
