// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <optional>
#include <regex>
#include <sstream>
#include <string>
#include <vector>

namespace cnn::test {

/// A line cut into its words and its numbers: numbers[k] stands between words[k] and words[k + 1].
struct Line {
  std::vector<std::string> words;
  std::vector<double> numbers;
};

/// Blanks do not count, since a number with another last digit may take another width.
inline std::string without_blanks(const std::string& text) {
  return std::regex_replace(text, std::regex("\\s+"), "");
}

inline Line cut(const std::string& text) {
  static const std::regex number("[-+]?\\d[\\d,]*\\.?\\d*([eE][-+]?\\d+)?");
  Line line;
  std::size_t end = 0;
  for (auto match = std::sregex_iterator(text.begin(), text.end(), number); match != std::sregex_iterator();
       ++match) {
    const auto begin = static_cast<std::size_t>(match->position());
    line.words.push_back(without_blanks(text.substr(end, begin - end)));
    line.numbers.push_back(std::stod(std::regex_replace(match->str(), std::regex(","), "")));
    end = begin + match->str().size();
  }
  line.words.push_back(without_blanks(text.substr(end)));
  return line;
}

/// Text exact; numbers by 1e-3 of their size or 1e-4.
inline bool same(const Line& a, const Line& b) {
  if (a.words != b.words || a.numbers.size() != b.numbers.size()) return false;
  for (std::size_t k = 0; k < a.numbers.size(); ++k) {
    const double allowed = 1e-4 + 1e-3 * std::abs(a.numbers[k]);
    if (!(std::abs(a.numbers[k] - b.numbers[k]) <= allowed)) return false;
  }
  return true;
}

/// What is compared of a program's output: not the files it names, not how long it took, and not the work space that the memory
/// of a step includes, which depends on the number of threads and the width of a register.
inline std::vector<std::string> stable_lines(const std::string& output) {
  std::vector<std::string> lines;
  std::istringstream in(output);
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with("wrote ")) continue;
    line = std::regex_replace(line, std::regex("time [0-9.]+ sec"), "time - sec");
    line = std::regex_replace(line, std::regex("(expected memory of a step at batch \\d+:) [0-9.]+ [KMG]iB"),
                              "$1 -");
    lines.push_back(line);
  }
  return lines;
}

/// \return the first line that differs, shown as expected and as found; nothing if the outputs agree
inline std::optional<std::string> first_difference(const std::string& expected, const std::string& found) {
  const std::vector<std::string> a = stable_lines(expected);
  const std::vector<std::string> b = stable_lines(found);
  for (std::size_t k = 0; k < std::max(a.size(), b.size()); ++k) {
    if (k < a.size() && k < b.size() && same(cut(a[k]), cut(b[k]))) continue;
    return "line " + std::to_string(k + 1) + "\n  expected: " + (k < a.size() ? a[k] : "(no more lines)") +
           "\n  found:    " + (k < b.size() ? b[k] : "(no more lines)");
  }
  return std::nullopt;
}

}  // namespace cnn::test
