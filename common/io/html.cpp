// SPDX-License-Identifier: MIT
#include "common/io/html.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <cstdint>
#include <iterator>
#include <nlohmann/json.hpp>
#include <utility>

#include "common/io/image.hpp"
#include "common/io/page_text.hpp"

namespace cnn::io {
namespace {

using nlohmann::ordered_json;

/// The charts as the script of the page reads them; NaN is null.
ordered_json to_json(const std::vector<Chart>& charts) {
  ordered_json all = ordered_json::array();
  for (const Chart& chart : charts) {
    if (!has_numbers(chart)) continue;
    ordered_json series = ordered_json::array();
    for (const Series& s : chart.series)
      series.push_back({{"name", s.name}, {"marks", s.marks}, {"x", s.x}, {"y", s.y}});
    all.push_back({{"id", chart.id}, {"title", chart.title}, {"digits", chart.digits}, {"series", series}});
  }
  return all;
}

/// JSON that no name can end or comment out: "<" is written as a code.
std::string script_text(const ordered_json& json) {
  std::string text;
  for (const char c : json.dump(-1, ' ', false, ordered_json::error_handler_t::replace))
    text += c == '<' ? "\\u003c" : std::string(1, c);
  return text;
}

std::string cell(const std::string& text, bool is_text, const char* scope) {
  const std::string kind = *scope != '\0' ? "th" : "td";
  std::string html = "<" + kind;
  if (*scope != '\0') html += std::string(" scope=\"") + scope + "\"";
  if (is_text) html += " class=\"t\"";
  return html + ">" + escape_html(text) + "</" + kind + ">";
}

}  // namespace

std::string base64(std::span<const std::byte> bytes) {
  constexpr const char* letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::size_t count = std::min<std::size_t>(3, bytes.size() - i);
    std::uint32_t bits = 0;
    for (std::size_t k = 0; k < 3; ++k)
      bits = bits << 8U | (k < count ? std::to_integer<std::uint32_t>(bytes[i + k]) : 0U);
    for (std::size_t k = 0; k < 4; ++k) text += k <= count ? letters[bits >> (18 - 6 * k) & 63U] : '=';
  }
  return text;
}

std::string escape_html(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    switch (c) {
      case '&':
        escaped += "&amp;";
        break;
      case '<':
        escaped += "&lt;";
        break;
      case '>':
        escaped += "&gt;";
        break;
      case '"':
        escaped += "&quot;";
        break;
      case '\'':
        escaped += "&#39;";
        break;
      default:
        escaped += c;
    }
  }
  return escaped;
}

std::string html_image(const Tensor& image, const std::string& alt) {
  const Shape& shape = image.shape();
  return "<img src=\"data:image/png;base64," + base64(encode_png(image)) + "\" alt=\"" + escape_html(alt) +
         "\" width=\"" + std::to_string(shape.back()) + "\" height=\"" +
         std::to_string(shape[shape.size() - 2]) + "\">";
}

std::string html_table(const Table& table, const std::string& caption) {
  std::string html = "<table>\n";
  for (std::size_t i = 0; i < table.lines().size(); ++i) {
    if (i <= 1) html += i == 0 ? "<thead>" : "<tbody>";
    html += "<tr>";
    const std::vector<std::string>& line = table.lines()[i];
    for (std::size_t c = 0; c < line.size(); ++c)
      html += cell(line[c], c < table.text_columns(), i == 0 ? "col" : c == 0 ? "row" : "");
    html += i == 0 ? "</tr></thead>\n" : "</tr>\n";
  }
  return html_scroll_box(html + (table.lines().size() > 1 ? "</tbody></table>" : "</table>"), caption);
}

std::string html_scroll_box(const std::string& table, const std::string& caption) {
  const std::string text = escape_html(caption);
  return "<p class=\"note\">" + text +
         "</p>\n<div class=\"scroll\" role=\"region\" tabindex=\"0\" aria-label=\"" + text + "\">" + table +
         "</div>\n";
}

bool has_numbers(const Chart& chart) {
  return std::any_of(chart.series.begin(), chart.series.end(), [](const Series& s) {
    return std::any_of(s.y.begin(), s.y.end(), [](double y) { return std::isfinite(y); });
  });
}

std::string html_charts(const std::vector<Chart>& charts) {
  std::string html;
  for (const Chart& chart : charts) {
    if (has_numbers(chart))
      html += "<div class=\"chart\" id=\"" + escape_html(chart.id) + "\"><h3>" + escape_html(chart.title) +
              "</h3></div>\n";
  }
  if (html.empty()) return html;
  return "<noscript><p class=\"note\">The curves are drawn by a script in this page, which does not run "
         "here; "
         "their numbers are in the table.</p></noscript>\n<div class=\"charts\">\n" +
         html + "</div>\n";
}

std::string html_page(const std::string& title, const std::string& body, const std::vector<Chart>& charts) {
  const std::pair<std::string_view, std::string> values[] = {
      {"<!--=title-->", escape_html(title)},
      {"<!--=body-->", body},
      {"<!--=charts-->", script_text(to_json(charts))}};
  std::string_view rest = page_text;
  std::string page;
  for (std::size_t mark; (mark = rest.find("<!--=")) != std::string_view::npos;) {
    page += rest.substr(0, mark);
    rest.remove_prefix(mark);
    const auto* const found = std::find_if(std::begin(values), std::end(values),
                                           [&](const auto& value) { return rest.starts_with(value.first); });
    assert(found != std::end(values));
    page += found->second;  // in which no marks are searched
    rest.remove_prefix(found->first.size());
  }
  page += rest;
  return page;
}

}  // namespace cnn::io
