// SPDX-License-Identifier: MIT
#include "common/core/table.hpp"

#include <algorithm>

namespace cnn {

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
    const std::string space(width[c] - line[c].size(), ' ');
    text += c < text_columns_ ? line[c] + space : space + line[c];
  }
  if (markdown) return text + " |\n";
  text.erase(text.find_last_not_of(' ') + 1);
  return text + "\n";
}

std::string grouped(Index number) {
  std::string text = std::to_string(number);
  for (auto at = static_cast<Index>(text.size()) - 3; at > 0; at -= 3)
    text.insert(static_cast<std::size_t>(at), 1, ',');
  return text;
}

}  // namespace cnn
