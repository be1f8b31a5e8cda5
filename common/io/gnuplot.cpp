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
#include <memory>
#include <thread>

#include "common/io/file.hpp"

extern char** environ;

namespace cnn::io {
namespace {

using namespace std::chrono_literals;
constexpr auto longest_run = 30s;

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

}  // namespace

std::string gnuplot_text(const std::string& text) {
  std::string result = "'";
  for (const char c : text) {
    if (c == '\'') result += '\'';
    result += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
  }
  return result + "'";
}

bool draw_with_gnuplot(const std::filesystem::path& path, const std::string& script) {
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

}  // namespace cnn::io
