// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "common/io/metrics.hpp"

namespace cnn::io {

/// Whether a picture was drawn. A program goes on without one.
struct Drawing {
  std::string
      why_not{};  ///< "gnuplot was not found (apt-get install gnuplot-nox)"; empty if the picture was drawn

  /// \return  true if the picture was drawn
  explicit operator bool() const noexcept { return why_not.empty(); }
};

/// Draws loss and accuracies over the epochs with gnuplot, into `curves.png` and `curves.svg`. Each file appears whole or not
/// at all.
/// \param folder  where the two pictures go
/// \param epochs  what to draw
/// \param title   shown above the picture
/// \return        why not both were drawn, if so: there was nothing to draw, or gnuplot is absent, failed or hung
/// \throws DataError  the folder cannot be written
Drawing write_curves(const std::filesystem::path& folder, const std::vector<EpochRecord>& epochs,
                     const std::string& title);

/// What one run is called in a picture of several.
struct NamedCurve {
  std::string name;                 ///< "batch_norm (layer none)"
  std::vector<EpochRecord> epochs;  ///< of the run
};

/// Checks the name of a picture to draw, before the work that it is to show.
/// \param path  the picture
/// \throws UsageError  the name ends neither in .png nor in .svg, capitals or not
void check_plot_name(const std::filesystem::path& path);

/// Draws loss and test accuracy of several runs over the epochs, with gnuplot.
/// \param path   PNG or SVG, by the ending of its name, to create or replace, whole or not at all
/// \param runs   a line each
/// \return       why it was not drawn, if so: no run has an epoch, or gnuplot is absent, failed or hung
/// \throws UsageError  the name ends neither in .png nor in .svg
/// \throws DataError   the folder cannot be written
Drawing write_curves_of_runs(const std::filesystem::path& path, const std::vector<NamedCurve>& runs);

/// Draws how often a network took one class for another, with gnuplot: a row for each label, a column for each prediction,
/// dark where most of a row is.
/// \param path    PNG to create or replace, whole or not at all
/// \param counts  square; counts[i][j] images of class i were taken for class j
/// \param names   of the classes
/// \param title   shown above the picture
/// \return        why it was not drawn, if so: gnuplot is absent, failed or hung
/// \throws ShapeError  counts is not square, or names are missing
/// \throws DataError   the folder cannot be written
Drawing write_confusion(const std::filesystem::path& path, const std::vector<std::vector<Index>>& counts,
                        const std::vector<std::string>& names, const std::string& title);

}  // namespace cnn::io
