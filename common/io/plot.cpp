// SPDX-License-Identifier: MIT
#include "common/io/plot.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <memory>
#include <thread>

#include "common/core/check.hpp"
#include "common/io/file.hpp"

extern char** environ;

namespace cnn::io {
namespace {

using namespace std::chrono_literals;
constexpr auto longest_run = 30s;

/// Text for gnuplot: in single quotes nothing is special but the quote itself.
std::string gnuplot_text(const std::string& text) {
  std::string result = "'";
  for (const char c : text) {
    if (c == '\'') result += '\'';
    result += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
  }
  return result + "'";
}

std::string gnuplot_number(double value) { return std::isfinite(value) ? fmt::format("{}", value) : "NaN"; }

std::string data_block(const std::vector<EpochRecord>& epochs) {
  std::string text = "$epochs << END\n";
  for (const EpochRecord& r : epochs) {
    text += fmt::format("{} {} {} {}\n", r.epoch, gnuplot_number(r.loss), gnuplot_number(r.train_accuracy),
                        gnuplot_number(r.test_accuracy));
  }
  return text + "END\n";
}

/// A range for the axis of one measure; gnuplot refuses to find one where no number is.
std::string range_text(const std::vector<EpochRecord>& epochs, double EpochRecord::*measure,
                       const std::string& range) {
  const bool any = std::any_of(epochs.begin(), epochs.end(),
                               [&](const EpochRecord& r) { return std::isfinite(r.*measure); });
  return "set yrange [" + (any ? range : "0:1") + "]\n";
}

/// Two panels side by side: loss, and the two accuracies.
std::string make_script(const std::string& terminal, const std::vector<EpochRecord>& epochs,
                        const std::string& title) {
  const Index first = epochs.front().epoch;
  const Index last = std::max(epochs.back().epoch, first + 1);
  const Index step = std::max<Index>((last - first) / 8, 1);
  std::string script = "set encoding utf8\nset terminal " + terminal + "\n" + data_block(epochs);
  script +=
      "set datafile missing 'NaN'\nset grid linecolor rgb '#dddddd' linetype 1\nset border 3 linecolor rgb "
      "'#555555'\n";
  script += "set tics nomirror\nset xlabel 'epoch'\nset key top right box linecolor rgb '#bbbbbb'\n";
  script += fmt::format("set xrange [{}:{}]\nset xtics {}\n", first, last, step);
  script += "set multiplot layout 1,2 title " + gnuplot_text(title) + " noenhanced\n";
  script += "set title 'loss'\n" + range_text(epochs, &EpochRecord::loss, "0:*");
  script +=
      "plot $epochs using 1:2 with linespoints linewidth 2 pointtype 7 pointsize 0.7 linecolor rgb '#1f77b4' "
      "title 'training'\n";
  script += "set title 'accuracy'\nset key bottom right\n" +
            range_text(epochs, &EpochRecord::train_accuracy, "*:1");
  script +=
      "plot $epochs using 1:3 with linespoints linewidth 2 pointtype 7 pointsize 0.7 linecolor rgb '#1f77b4' "
      "title 'training', ";
  script +=
      "$epochs using 1:4 with linespoints linewidth 2 pointtype 5 pointsize 0.7 linecolor rgb '#d62728' "
      "title 'test'\n";
  return script + "unset multiplot\n";
}

/// A file without a name, gone when it is closed.
std::unique_ptr<std::FILE, int (*)(std::FILE*)> unnamed_file(const std::string& text) {
  std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::tmpfile(), &std::fclose);
  if (file && (std::fwrite(text.data(), 1, text.size(), file.get()) != text.size() ||
               std::fflush(file.get()) != 0 || std::fseek(file.get(), 0, SEEK_SET) != 0)) {
    file.reset();
  }
  return file;
}

/// Starts gnuplot without a shell; what it prints is the picture. Returns its process, or -1.
pid_t start_gnuplot(int script, int picture) {
  posix_spawn_file_actions_t actions;
  if (posix_spawn_file_actions_init(&actions) != 0) return -1;
  bool ok = posix_spawn_file_actions_adddup2(&actions, script, 0) == 0 &&
            posix_spawn_file_actions_adddup2(&actions, picture, 1) == 0 &&
            posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0) == 0;
  std::string program = "gnuplot";
  std::string no_settings = "-d";
  char* const arguments[] = {program.data(), no_settings.data(), nullptr};
  pid_t process = -1;
  ok = ok && posix_spawnp(&process, "gnuplot", &actions, nullptr, arguments, environ) == 0;
  posix_spawn_file_actions_destroy(&actions);
  return ok ? process : -1;
}

/// Waits until the process has ended; kills it if that takes too long. Returns true if it succeeded.
bool wait_for(pid_t process) {
  const auto deadline = std::chrono::steady_clock::now() + longest_run;
  int status = 0;
  while (true) {
    const pid_t ended = ::waitpid(process, &status, WNOHANG);
    if (ended == process) return WIFEXITED(status) && WEXITSTATUS(status) == 0;
    if (ended < 0 && errno != EINTR) return false;
    if (std::chrono::steady_clock::now() > deadline) {
      ::kill(process, SIGKILL);
      while (::waitpid(process, &status, 0) < 0 && errno == EINTR) {
      }
      return false;
    }
    std::this_thread::sleep_for(5ms);
  }
}

bool draw(const std::filesystem::path& path, const std::string& script) {
  AtomicFile picture(path);
  const auto file = unnamed_file(script);
  if (!file) return false;
  const pid_t process = start_gnuplot(::fileno(file.get()), picture.descriptor());
  if (process < 0 || !wait_for(process)) return false;
  struct stat status {};
  if (::fstat(picture.descriptor(), &status) != 0 || status.st_size == 0) return false;
  picture.commit();
  return true;
}

}  // namespace

bool write_curves(const std::filesystem::path& folder, const std::vector<EpochRecord>& epochs,
                  const std::string& title) {
  if (epochs.empty()) return false;
  const bool png =
      draw(folder / "curves.png", make_script("pngcairo size 1000,420 font ',11'", epochs, title));
  const bool svg =
      png && draw(folder / "curves.svg",
                  make_script("svg size 1000,420 font ',13' background '#ffffff'", epochs, title));
  return png && svg;
}

}  // namespace cnn::io
