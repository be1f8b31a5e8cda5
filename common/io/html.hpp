// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/core/table.hpp"
#include "common/tensor/tensor.hpp"

namespace cnn::io {

/// Writes bytes as text (RFC 4648, section 4): three bytes are four letters.
/// \param bytes  any
/// \return       letters, digits, + and /, filled up with =
std::string base64(std::span<const std::byte> bytes);

/// \param text  any, such as the name of a folder
/// \return      the text as HTML shows it literally, also within the quotes of an attribute
std::string escape_html(std::string_view text);

/// A picture within a page.
/// \param image  as for encode_png()
/// \param alt    what it shows, for those who do not see it; escaped here
/// \return       an image element, with the picture itself as its address
std::string html_image(const Tensor& image, const std::string& alt);

/// A table whose first column names its rows.
/// \param table    texts, escaped here
/// \param caption  what it shows; escaped here
/// \return         what html_scroll_box() makes of it
std::string html_table(const Table& table, const std::string& caption);

/// A caption, and under it a box for a table, which scrolls sideways where the screen is narrow, by keyboard, too.
/// \param table    HTML
/// \param caption  what it shows; escaped here
/// \return         a paragraph and a box
std::string html_scroll_box(const std::string& table, const std::string& caption);

/// One line of a chart.
struct Series {
  std::string name;       ///< such as "test accuracy"
  std::vector<double> x;  ///< epochs
  std::vector<double> y;  ///< values; NaN leaves a gap
  bool marks = true;      ///< a dot at each value, and the epochs of these can be chosen; else a thin line
};

/// Curves with one axis of epochs.
struct Chart {
  std::string id;                ///< a word of its own on the page
  std::string title;             ///< what is drawn
  int digits = 3;                ///< of a value, after the point
  std::vector<Series> series{};  ///< its lines
};

/// \param chart  some curves
/// \return       true if there is a number to draw
bool has_numbers(const Chart& chart);

/// The place of charts in a page, which its script fills.
/// \param charts  curves; those without numbers are left out
/// \return        HTML, or nothing
std::string html_charts(const std::vector<Chart>& charts);

/// A whole page: one file that asks for no other.
/// \param title   its name; escaped here
/// \param body    HTML
/// \param charts  those that the body has places for
/// \return        the page
std::string html_page(const std::string& title, const std::string& body, const std::vector<Chart>& charts);

}  // namespace cnn::io
