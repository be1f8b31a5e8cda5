// SPDX-License-Identifier: MIT
#include "bench/program.hpp"

#include <fmt/format.h>

#include <cstdio>

#include "common/backend/backend.hpp"
#include "common/core/check.hpp"
#include "common/core/threads.hpp"
#include "common/io/file.hpp"
#include "common/train/version.hpp"

namespace cnn::bench {

void add_threads_option(CLI::App& app, int& threads) {
  app.add_option("--threads", threads, "CPU threads [all processors]")
      ->check(between(1, 1024))
      ->type_name("N");
}

void add_common_options(CLI::App& app, CommonOptions& o) {
  app.option_defaults()->take_last();
  add_threads_option(app, o.threads);
  app.add_option("--steps", o.effort.steps, "measure at least N steps [3]")
      ->check(between(1, 10000))
      ->type_name("N");
  app.add_option("--seconds", o.effort.seconds, "measure for at least X seconds [1]")
      ->check(between(0.0, 3600.0))
      ->type_name("X");
  app.add_option("--json", o.json, "write the results as JSON")->type_name("FILE");
  app.add_option("--markdown", o.markdown, "write the tables as Markdown")->type_name("FILE");
}

void add_rung_options(CLI::App& app, RungOptions& o) {
  app.add_option("--backend", o.backend,
                 "rung of the ladder: reference, xtensor or simd [the best one present]")
      ->take_last()
      ->type_name("NAME");
  app.add_option("--simd", o.simd,
                 "instruction set of the rung simd: portable, avx2 or avx512 [the best one]")
      ->take_last()
      ->type_name("NAME");
}

void use(const RungOptions& options) {
  if (!options.backend.empty()) use_backend(options.backend);
  if (options.simd.empty()) return;
  CNN_CHECK(backend_for(default_device()).name() == "simd", UsageError,
            "[bench] the rung '" + backend_for(default_device()).name() +
                "' has no choice of instruction sets; leave --simd out");
  use_simd_level(options.simd);
}

nlohmann::ordered_json machine() {
  nlohmann::ordered_json info;
  for (const auto& [name, value] : version_fields()) info[name] = value;
  info["threads"] = thread_count();
  return info;
}

std::string machine_text() {
  const nlohmann::ordered_json info = machine();
  return fmt::format("{}, {} thread{}, {}", info["cpu"].get<std::string>(), thread_count(),
                     thread_count() == 1 ? "" : "s", info["compiler"].get<std::string>());
}

void write_results(const CommonOptions& options, const nlohmann::ordered_json& results,
                   const std::string& markdown) {
  if (!options.json.empty()) io::write_file_atomically(options.json, results.dump(2) + "\n");
  if (!options.markdown.empty()) io::write_file_atomically(options.markdown, markdown);
}

int run_program(CLI::App& app, int argc, char** argv, const std::function<void()>& run) {
  app.set_help_flag("--help,-h", "this list");
  app.get_formatter()->column_width(30);
  try {
    app.parse(argc, argv);
    run();
    return std::fflush(stdout) == 0 ? 0 : 1;
  } catch (const CLI::Success& e) {
    return app.exit(e);
  } catch (const CLI::ParseError& e) {
    fmt::print(stderr, "error: {}\nsee {} --help\n", e.what(), app.get_name());
    return 2;
  } catch (const UsageError& e) {
    fmt::print(stderr, "error: {}\n", e.what());
    return 2;
  } catch (const std::exception& e) {
    fmt::print(stderr, "error: {}\n", e.what());
    return 1;
  }
}

}  // namespace cnn::bench
