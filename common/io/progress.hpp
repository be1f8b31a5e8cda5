// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include "common/core/shape.hpp"

namespace cnn::io {

/// How far an epoch is.
struct Progress {
  Index epoch = 0;               ///< from 1
  Index epochs = 0;              ///< number of epochs
  Index step = 0;                ///< steps done in this epoch
  Index steps = 0;               ///< steps of an epoch
  double loss = 0;               ///< mean over the epoch so far
  double images_per_second = 0;  ///< speed
  double seconds_left = 0;       ///< expected time to the end of the run; negative: unknown
};

/// Writes the line that a terminal shows under a running epoch:
/// `epoch 2/5 [=======>       ] 117/235  loss 0.9012  8123 images/s  1:42 left`. What does not fit is left out, the bar first.
/// \param progress  what to show
/// \param columns   width of the terminal
/// \return          one line, shorter than the terminal is wide, ASCII only
std::string format_progress(const Progress& progress, int columns);

/// A line on a terminal that overwrites itself; silent into a pipe or a file. Shown at most ten times a second.
class ProgressBar {
 public:
  /// \param descriptor  where to write: 1 is standard output
  explicit ProgressBar(int descriptor = 1);
  /// Erases the line.
  ~ProgressBar();
  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;

  /// \return true if the descriptor is a terminal that can erase a line
  bool visible() const noexcept { return visible_; }
  /// Shows how far the work is, if it was not shown just now.
  /// \param progress  what to show
  void show(const Progress& progress);
  /// Erases the line; call it before printing anything else.
  void erase();

 private:
  void write(const std::string& text) const;

  int descriptor_;
  bool visible_;
  bool shown_ = false;
  double last_shown_ = -1;  // seconds
};

}  // namespace cnn::io
