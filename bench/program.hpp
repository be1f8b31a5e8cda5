// SPDX-License-Identifier: MIT
#pragma once

#include <CLI/CLI.hpp>
#include <filesystem>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>

#include "bench/measure.hpp"

namespace cnn::bench {

/// Options that all benchmark programs have.
struct CommonOptions {
  int threads = 0;                 ///< 0 for as many as there are processors
  Effort effort{};                 ///< how long to measure
  std::filesystem::path json;      ///< file for the results; empty for none
  std::filesystem::path markdown;  ///< file for the tables; empty for none
};

/// \param low   smallest value
/// \param high  largest value
/// \return      what an option checks, without the range in the list of options
template <typename T>
CLI::Validator between(T low, T high) {
  return CLI::Range(low, high).description("");
}

/// Adds --threads.
/// \param app      program
/// \param threads  where it goes
void add_threads_option(CLI::App& app, int& threads);

/// Adds --threads, --steps, --seconds, --json and --markdown.
/// \param app      program
/// \param options  where they go
void add_common_options(CLI::App& app, CommonOptions& options);

/// Options that choose a rung.
struct RungOptions {
  std::string backend;  ///< empty for the best
  std::string simd;     ///< empty for the best
};

/// Adds --backend and --simd.
/// \param app      program
/// \param options  where they go
void add_rung_options(CLI::App& app, RungOptions& options);

/// Runs operations on the chosen rung from now on.
/// \param options  what was chosen
/// \throws UsageError   there is no such rung or instruction set
/// \throws DeviceError  this build or machine lacks it
void use(const RungOptions& options);

/// What made the numbers: versions, processor, threads.
/// \return an object for the head of a file of results
nlohmann::ordered_json machine();

/// machine() in one sentence.
/// \return text without an end of line
std::string machine_text();

/// Writes what --json and --markdown ask for.
/// \param options   the files
/// \param results   for the one
/// \param markdown  for the other
/// \throws DataError  a file cannot be written
void write_results(const CommonOptions& options, const nlohmann::ordered_json& results,
                   const std::string& markdown);

/// The main() of a benchmark: parses, runs, turns exceptions into one message.
/// \param app   options
/// \param argc  from main()
/// \param argv  from main()
/// \param run   the benchmark
/// \return      exit code: 0 done, 1 failed, 2 wrong usage
int run_program(CLI::App& app, int argc, char** argv, const std::function<void()>& run);

}  // namespace cnn::bench
