// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <string>

namespace cnn::io {

/// Quotes a text for gnuplot: in single quotes nothing is special but the quote itself. Control characters become spaces.
/// \param text  any text
/// \return      the text in quotes
std::string gnuplot_text(const std::string& text);

/// Draws a picture with gnuplot. It gets its script as a file, never through a shell, and is stopped after 30 seconds. The
/// picture appears whole or not at all.
/// \param path    file to create or replace
/// \param script  gnuplot commands that set a terminal and draw to standard output
/// \return        false if gnuplot is absent or failed
/// \throws DataError  the folder cannot be written
bool draw_with_gnuplot(const std::filesystem::path& path, const std::string& script);

}  // namespace cnn::io
