// SPDX-License-Identifier: MIT
#pragma once

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <functional>
#include <sstream>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "tests/support/temporary_folder.hpp"

extern char** environ;

namespace cnn::test {

inline std::string read_text(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

/// A program started by a test, with its output in files.
class Program {
 public:
  /// Starts it. The first argument is the program's path.
  explicit Program(const std::vector<std::string>& arguments) {
    std::vector<char*> argv;
    for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
    argv.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&actions, 1, (files_ / "out").c_str(), O_WRONLY | O_CREAT | O_TRUNC,
                                     0600);
    posix_spawn_file_actions_addopen(&actions, 2, (files_ / "err").c_str(), O_WRONLY | O_CREAT | O_TRUNC,
                                     0600);
    const int failed = posix_spawn(&pid_, argv[0], &actions, nullptr, argv.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    if (failed != 0) throw std::runtime_error("cannot start " + arguments.at(0));
  }
  ~Program() {
    if (pid_ > 0) {
      ::kill(pid_, SIGKILL);
      wait();
    }
  }
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;

  void send(int signal) const { ::kill(pid_, signal); }

  /// Waits until a condition holds, looking often; false if the program ended before.
  bool wait_until(const std::function<bool()>& condition) {
    while (!condition()) {
      int status = 0;
      if (::waitpid(pid_, &status, WNOHANG) == pid_) {
        ended(status);
        return false;
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
    return true;
  }

  /// Waits for the end; 128 + signal if it was killed.
  int wait() {
    if (pid_ > 0) {
      int status = 0;
      ::waitpid(pid_, &status, 0);
      ended(status);
    }
    return code_;
  }

  std::string output() const { return read_text(files_ / "out"); }
  std::string errors() const { return read_text(files_ / "err"); }

 private:
  void ended(int status) {
    code_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    pid_ = -1;
  }

  TemporaryFolder files_;
  pid_t pid_ = -1;
  int code_ = -1;
};

/// What a finished program left.
struct Finished {
  int code;
  std::string output;
  std::string errors;
};

inline Finished run_program(const std::vector<std::string>& arguments) {
  Program program(arguments);
  const int code = program.wait();
  return {code, program.output(), program.errors()};
}

}  // namespace cnn::test
