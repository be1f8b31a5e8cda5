// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <filesystem>
#include <string>

#include "common/io/plot.hpp"

namespace cnn::io {

/// Quotes a text for gnuplot: in single quotes nothing is special but the quote itself. Control characters become spaces.
/// \param text  any text
/// \return      the text in quotes
std::string gnuplot_text(const std::string& text);

/// Draws a picture with gnuplot. It gets its script as a file, never through a shell. The picture appears whole or not at all.
/// A gnuplot that had to be stopped is not started again by this process: it would only cost the time once more.
/// \param path     file to create or replace
/// \param script   gnuplot commands that set a terminal and draw to standard output
/// \param longest  after which gnuplot is stopped
/// \return         whether it was drawn, else whether gnuplot is absent, cannot be started, failed (with what it said) or hung
/// \throws DataError  the folder cannot be written
Drawing draw_with_gnuplot(const std::filesystem::path& path, const std::string& script,
                          std::chrono::milliseconds longest = std::chrono::seconds(10));

}  // namespace cnn::io
