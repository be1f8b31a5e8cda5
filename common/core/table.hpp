// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "common/core/shape.hpp"

namespace cnn {

/// A table of texts and numbers.
class Table {
 public:
  /// \param head          names of the columns
  /// \param text_columns  how many of them, from the left, hold texts; the others hold numbers
  Table(std::vector<std::string> head, std::size_t text_columns)
      : lines_{std::move(head)}, text_columns_(text_columns) {}

  /// \param row  one text a column
  void add(std::vector<std::string> row) { lines_.push_back(std::move(row)); }

  /// \return the rows, after the head
  const std::vector<std::vector<std::string>>& lines() const noexcept { return lines_; }
  /// \return how many columns, from the left, hold texts
  std::size_t text_columns() const noexcept { return text_columns_; }

  /// \param markdown  whether to draw it as Markdown does, for a page
  /// \return          a line a row, each ended
  std::string draw(bool markdown = false) const;

 private:
  std::string draw_line(const std::vector<std::string>& line, const std::vector<std::size_t>& width,
                        bool markdown) const;

  std::vector<std::vector<std::string>> lines_;  // the first is the head
  std::size_t text_columns_;
};

/// \param number  a count
/// \return        "44,426"
std::string grouped(Index number);

}  // namespace cnn
