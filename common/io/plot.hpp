// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "common/io/metrics.hpp"

namespace cnn::io {

/// Draws loss and accuracies over the epochs with gnuplot, into `curves.png` and `curves.svg`. Each file appears whole or not
/// at all. gnuplot gets its script as a file, never through a shell, and is stopped after 30 seconds.
/// \param folder  where the two pictures go
/// \param epochs  what to draw
/// \param title   shown above the picture
/// \return        false if there was nothing to draw, or gnuplot is absent or failed: a run goes on without a picture
/// \throws DataError  the folder cannot be written
bool write_curves(const std::filesystem::path& folder, const std::vector<EpochRecord>& epochs,
                  const std::string& title);

}  // namespace cnn::io
