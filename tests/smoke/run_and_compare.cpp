// SPDX-License-Identifier: MIT

// run_and_compare EXPECTED PROGRAM [OPTION …]: runs a program in a folder of its own and compares what it prints.

#include <cstdio>

#include "tests/smoke/compare.hpp"
#include "tests/support/program.hpp"

int main(int argc, char** argv) {
  using namespace cnn::test;
  if (argc < 3) {
    std::fputs("usage: run_and_compare EXPECTED PROGRAM [OPTION ...]\n", stderr);
    return 2;
  }
  const TemporaryFolder folder;
  std::vector<std::string> command(argv + 2, argv + argc);
  command.insert(command.end(), {"--out", (folder / "run").string()});
  const Finished run = run_program(command);
  if (run.code != 0) {
    std::fprintf(stderr, "%s ended with %d:\n%s", argv[2], run.code, run.errors.c_str());
    return 1;
  }
  const std::string expected = read_text(argv[1]);
  if (expected.empty()) {
    std::fprintf(stderr, "%s is missing or empty\n", argv[1]);
    return 1;
  }
  const auto difference = first_difference(expected, run.output);
  if (difference) std::fprintf(stderr, "%s differs from %s in %s\n", argv[2], argv[1], difference->c_str());
  return difference ? 1 : 0;
}
