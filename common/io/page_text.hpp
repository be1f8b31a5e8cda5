// SPDX-License-Identifier: MIT
#pragma once

#include <string_view>

namespace cnn::io {

/// page/page.html with page.css and page.js in it, as CMake put them together; html_page() fills it in.
extern const std::string_view page_text;

}  // namespace cnn::io
