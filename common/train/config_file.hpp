// SPDX-License-Identifier: MIT
#pragma once

#include <CLI/CLI.hpp>
#include <algorithm>
#include <istream>
#include <string>
#include <vector>

namespace cnn {

/// A file of options, one `name = value` a line. The value is the rest of the line, whatever is in it: no option takes a list,
/// so spaces and commas are a part of it. `#` starts a comment at the start of a line and after a space; so does `;` at the
/// start. In quotes (single or double) everything counts. A name without a value is a flag; of a name given twice the last
/// line counts.
class ConfigFile : public CLI::ConfigTOML {
 public:
  /// \param input  the file
  /// \return       names and values
  std::vector<CLI::ConfigItem> from_config(std::istream& input) const override {
    std::vector<CLI::ConfigItem> found;
    for (std::string line; std::getline(input, line);) {
      line = CLI::detail::trim(line);
      if (line.empty() || line[0] == '#' || line[0] == ';' || line == "[default]") continue;
      CLI::ConfigItem item;
      const std::size_t equals = std::min(line.find('='), line.size());
      item.name =
          CLI::detail::trim_copy(equals == line.size() ? before_comment(line) : line.substr(0, equals));
      item.inputs = {equals == line.size() ? "true"
                                           : value_of(CLI::detail::trim_copy(line.substr(equals + 1)))};
      std::erase_if(found, [&](const CLI::ConfigItem& other) { return other.name == item.name; });
      found.push_back(std::move(item));
    }
    return found;
  }

 private:
  static std::string before_comment(const std::string& text) {
    for (std::size_t at = 0; (at = text.find('#', at)) != std::string::npos; ++at) {
      if (at == 0 || text[at - 1] == ' ' || text[at - 1] == '\t')
        return CLI::detail::trim_copy(text.substr(0, at));
    }
    return text;
  }

  static std::string value_of(const std::string& text) {
    if (!text.empty() && (text[0] == '"' || text[0] == '\'')) {
      // the quote that ends the value is the first one with nothing but a comment after it
      for (std::size_t end = 1; (end = text.find(text[0], end)) != std::string::npos; ++end) {
        if (before_comment(" " + text.substr(end + 1)).find_first_not_of(' ') == std::string::npos)
          return text.substr(1, end - 1);
      }
    }
    return before_comment(text);
  }
};

}  // namespace cnn
