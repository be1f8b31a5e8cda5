// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <regex>
#include <string>
#include <vector>

#include "tests/support/fixtures.hpp"
#include "tests/support/program.hpp"

namespace cnn::test {

/// \param arguments  of the program
/// \return           with lenet before them
inline std::vector<std::string> lenet(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), CNN_LENET);
  return arguments;
}

inline const std::string images = fixture_images().string();

/// A variable of the environment of programs that are started in a scope.
class VariableScope {
 public:
  VariableScope(const char* name, const std::string& value) : name_(name) {
    ::setenv(name, value.c_str(), 1);
  }
  ~VariableScope() { ::unsetenv(name_); }
  VariableScope(const VariableScope&) = delete;
  VariableScope& operator=(const VariableScope&) = delete;

 private:
  const char* name_;
};

/// Fails unless the program said one clear sentence with the given words and left nothing behind.
/// \param arguments  of lenet
/// \param code       exit status
/// \param words      that the sentence holds
inline void refused(const std::vector<std::string>& arguments, int code, const std::string& words) {
  auto run = run_program(lenet(arguments));
  run.errors = std::regex_replace(run.errors, std::regex("warning: [^\n]*\n"), "");
  BOOST_TEST_CONTEXT(run.errors) {
    BOOST_TEST(run.code == code);
    BOOST_TEST(run.errors.starts_with("error: "));
    BOOST_TEST(run.errors.find(words) != std::string::npos);
    BOOST_TEST(std::count(run.errors.begin(), run.errors.end(), '\n') <= 2);
  }
}

}  // namespace cnn::test
