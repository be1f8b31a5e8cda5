// SPDX-License-Identifier: MIT
#include "common/io/progress.hpp"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <cstring>

#include "common/core/clock.hpp"
#include "common/io/console.hpp"

namespace cnn::io {
namespace {

constexpr std::size_t widest_bar = 30;
constexpr std::size_t narrowest_bar = 5;
constexpr double seconds_between = 0.1;

/// "0:07", "12:34" or "1:02:03".
std::string clock_text(double seconds) {
  const auto total = static_cast<long>(std::lround(std::min(seconds, 359999.0)));  // at most 99:59:59
  if (total >= 3600) return fmt::format("{}:{:02}:{:02}", total / 3600, total / 60 % 60, total % 60);
  return fmt::format("{}:{:02}", total / 60, total % 60);
}

std::string bar_text(Index step, Index steps, std::size_t width) {
  const double share =
      steps > 0 ? std::clamp(static_cast<double>(step) / static_cast<double>(steps), 0.0, 1.0) : 0.0;
  const auto done = static_cast<std::size_t>(share * static_cast<double>(width));
  std::string bar(done, '=');
  if (done > 0 && done < width) bar.back() = '>';
  return "[" + bar + std::string(width - done, ' ') + "]";
}

int terminal_columns(int descriptor) {
  winsize size{};
  return ::ioctl(descriptor, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

}  // namespace

std::string format_progress(const Progress& p, int columns) {
  const auto room = static_cast<std::size_t>(std::max(columns - 1, 0));
  const std::string head = fmt::format("epoch {}/{}", p.epoch, p.epochs);
  std::string tail = fmt::format(" {}/{}", p.step, p.steps);
  const auto add = [&](const std::string& text) {
    if (head.size() + tail.size() + text.size() <= room) tail += text;
  };
  add(fmt::format("  loss {:.4f}", p.loss));
  if (p.seconds_left >= 0 && std::isfinite(p.seconds_left)) add("  " + clock_text(p.seconds_left) + " left");
  if (p.images_per_second > 0 && std::isfinite(p.images_per_second))
    add(fmt::format("  {:.0f} images/s", p.images_per_second));
  const std::size_t used = head.size() + tail.size() + 3;  // a space and two brackets
  if (used + narrowest_bar > room) return (head + tail).substr(0, room);
  return head + " " + bar_text(p.step, p.steps, std::min(widest_bar, room - used)) + tail;
}

ProgressBar::ProgressBar(int descriptor) : descriptor_(descriptor) {
  const char* const terminal = std::getenv("TERM");
  visible_ = ::isatty(descriptor) == 1 && terminal != nullptr && std::strcmp(terminal, "dumb") != 0;
}

ProgressBar::~ProgressBar() { erase(); }

void ProgressBar::show(const Progress& progress) {
  if (!visible_) return;
  const double time = seconds_now();
  if (shown_ && time - last_shown_ < seconds_between) return;
  write("\r\x1b[K" + format_progress(progress, terminal_columns(descriptor_)));
  shown_ = true;
  last_shown_ = time;
}

void ProgressBar::erase() {
  if (shown_) write("\r\x1b[K");
  shown_ = false;
}

void ProgressBar::write(const std::string& text) const {
  (void)write_to(descriptor_, text);  // if the terminal is gone, the run goes on
}

}  // namespace cnn::io
