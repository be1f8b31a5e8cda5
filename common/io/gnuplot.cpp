// SPDX-License-Identifier: MIT
#include "common/io/gnuplot.hpp"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string_view>
#include <thread>

#include "common/io/file.hpp"

extern char** environ;

namespace cnn::io {
namespace {

using namespace std::chrono_literals;
using UnnamedFile = std::unique_ptr<std::FILE, int (*)(std::FILE*)>;

/// A file without a name, gone when it is closed.
UnnamedFile unnamed_file(const std::string& text) {
  UnnamedFile file(std::tmpfile(), &std::fclose);
  if (file && (std::fwrite(text.data(), 1, text.size(), file.get()) != text.size() ||
               std::fflush(file.get()) != 0 || std::fseek(file.get(), 0, SEEK_SET) != 0)) {
    file.reset();
  }
  return file;
}

/// The program that the shell would start; empty if there is none.
std::string find_gnuplot() {
  const char* const value = std::getenv("PATH");
  std::string_view folders = value == nullptr ? "/usr/bin:/bin" : value;
  while (true) {
    const std::size_t colon = folders.find(':');
    const std::string folder(folders.substr(0, colon));
    const std::string program = (folder.empty() ? "." : folder) + "/gnuplot";
    std::error_code ignored;
    if (std::filesystem::is_regular_file(program, ignored) && ::access(program.c_str(), X_OK) == 0)
      return program;
    if (colon == std::string_view::npos) return {};
    folders.remove_prefix(colon + 1);
  }
}

/// Starts gnuplot without a shell, in a process group of its own; what it prints is the picture. Returns 0, or the error.
int start(const std::string& program, int script, int picture, int errors, pid_t& process) {
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  if (posix_spawn_file_actions_init(&actions) != 0) return ENOMEM;
  int error = posix_spawnattr_init(&attributes);
  if (error == 0) {
    std::string name = "gnuplot";
    std::string no_settings = "-d";
    char* const arguments[] = {name.data(), no_settings.data(), nullptr};
    if (posix_spawn_file_actions_adddup2(&actions, script, 0) != 0 ||
        posix_spawn_file_actions_adddup2(&actions, picture, 1) != 0 ||
        posix_spawn_file_actions_adddup2(&actions, errors, 2) != 0 ||
        posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP) != 0) {
      error = ENOMEM;
    }
    if (error == 0) error = posix_spawn(&process, program.c_str(), &actions, &attributes, arguments, environ);
    posix_spawnattr_destroy(&attributes);
  }
  posix_spawn_file_actions_destroy(&actions);
  return error;
}

/// Waits until the process has ended. Returns its status, or nothing if it had to be killed, with all it started.
std::optional<int> wait_for(pid_t process, std::chrono::milliseconds longest) {
  const auto deadline = std::chrono::steady_clock::now() + longest;
  int status = 0;
  while (true) {
    const pid_t ended = ::waitpid(process, &status, WNOHANG);
    if (ended == process || (ended < 0 && errno != EINTR)) return status;
    if (std::chrono::steady_clock::now() > deadline) {
      ::kill(-process, SIGKILL);
      while (::waitpid(process, &status, 0) < 0 && errno == EINTR) {
      }
      return std::nullopt;
    }
    std::this_thread::sleep_for(5ms);
  }
}

/// The first line with letters that gnuplot printed, without control characters and not longer than a line.
std::string first_words(std::FILE* errors) {
  std::rewind(errors);
  char line[200];
  while (std::fgets(line, sizeof line, errors) != nullptr) {
    std::string text;
    for (const char c : std::string_view(line)) text += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
    const std::size_t first = text.find_first_not_of(" ^");
    if (first == std::string::npos || text.starts_with("gnuplot>")) continue;
    return text.substr(first, text.find_last_not_of(' ') - first + 1);
  }
  return {};
}

/// Programs that had to be stopped.
class Hung {
 public:
  bool contains(const std::string& program) {
    const std::lock_guard lock(mutex_);
    return programs_.contains(program);
  }
  void insert(const std::string& program) {
    const std::lock_guard lock(mutex_);
    programs_.insert(program);
  }

 private:
  std::mutex mutex_;
  std::set<std::string> programs_;
};

Hung& hung() {
  static Hung programs;
  return programs;
}

std::string how_it_ended(int status, std::FILE* errors) {
  const std::string words = first_words(errors);
  if (!words.empty()) return "gnuplot failed: " + words;
  if (WIFSIGNALED(status)) return "gnuplot failed: signal " + std::to_string(WTERMSIG(status)) + " ended it";
  if (WEXITSTATUS(status) != 0) return "gnuplot failed with exit code " + std::to_string(WEXITSTATUS(status));
  return "gnuplot failed: it drew nothing";
}

}  // namespace

std::string gnuplot_text(const std::string& text) {
  std::string result = "'";
  for (const char c : text) {
    if (c == '\'') result += '\'';
    result += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
  }
  return result + "'";
}

Drawing draw_with_gnuplot(const std::filesystem::path& path, const std::string& script,
                          std::chrono::milliseconds longest) {
  AtomicFile picture(path);
  const std::string program = find_gnuplot();
  if (program.empty()) return {"gnuplot was not found (apt-get install gnuplot-nox)"};
  if (hung().contains(program))
    return {"gnuplot (" + program + ") did not end before and was not tried again"};
  const UnnamedFile commands = unnamed_file(script);
  const UnnamedFile errors = unnamed_file("");
  if (!commands || !errors)
    return {"its script could not be written: the folder for temporary files may be full"};
  pid_t process = -1;
  const int error =
      start(program, ::fileno(commands.get()), picture.descriptor(), ::fileno(errors.get()), process);
  if (error != 0) return {"gnuplot (" + program + ") could not be started: " + reason(error)};
  const std::optional<int> status = wait_for(process, longest);
  if (!status) {
    hung().insert(program);
    return {"gnuplot (" + program + ") did not end and was stopped"};
  }
  struct stat drawn {};
  const bool ok = WIFEXITED(*status) && WEXITSTATUS(*status) == 0 &&
                  ::fstat(picture.descriptor(), &drawn) == 0 && drawn.st_size > 0;
  if (!ok) return {how_it_ended(*status, errors.get())};
  picture.commit();
  return {};
}

}  // namespace cnn::io
