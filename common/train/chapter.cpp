// SPDX-License-Identifier: MIT
#include "common/train/chapter.hpp"

#include <fmt/format.h>

#include <new>
#include <utility>

#include "common/backend/backend.hpp"
#include "common/core/check.hpp"
#include "common/core/threads.hpp"
#include "common/io/console.hpp"
#include "common/train/interrupt.hpp"
#include "common/train/options.hpp"
#include "common/train/predict.hpp"
#include "common/train/run.hpp"
#include "common/train/run_chapter.hpp"
#include "common/train/run_folder.hpp"

namespace cnn {
namespace {

/// Runs a program's body and turns whatever it throws into one clear message and an exit code.
int guarded(const Chapter& chapter, const std::function<int()>& body) {
  io::open_standard_streams();
  try {
    const int code = body();
    if (!io::finish_output())
      throw DataError("[output] standard output cannot be written: its disk may be full");
    return code;
  } catch (const UsageError& e) {
    io::print_error(fmt::format("error: {}\nsee {} --help\n", e.what(), chapter.name));
    return 2;
  } catch (const std::bad_alloc&) {
    io::print_error("error: the memory is exhausted; try a smaller --batch-size or --image-size\n");
  } catch (const std::exception& e) {
    io::print_error(fmt::format("error: {}\n", e.what()));
  }
  return 1;
}

/// \tparam O  Options or ExperimentOptions
template <typename O>
void set_up(const O& options) {
  if (options.threads > 0) set_thread_count(options.threads);
  if (!options.backend.empty()) use_backend(options.backend);
  if (!options.simd.empty()) use_simd_level(options.simd);
}

}  // namespace

Experiments::Experiments(ExperimentOptions options, std::string chapter_folder)
    : options_(std::move(options)), chapter_folder_(std::move(chapter_folder)), rng_(options_.seed) {}

Experiments::~Experiments() = default;

std::filesystem::path Experiments::file(const std::string& name) {
  if (!folder_)
    folder_ =
        std::make_unique<RunFolder>(RunFolder::create(options_.out, chapter_folder_, options_.overwrite));
  return folder_->path() / name;
}

int run_experiments(int argc, char** argv, const Chapter& chapter,
                    const std::function<void(Experiments&)>& run) {
  return guarded(chapter, [&] {
    const ExperimentOptions options = parse_experiment_options(argc, argv, chapter);
    if (options.exit_code) return *options.exit_code;
    check_run_folder(options.out, options.overwrite);
    set_up(options);
    Experiments experiments(options, chapter.folder);
    run(experiments);
    return 0;
  });
}

int run_chapter(int argc, char** argv, const TrainingChapter& chapter,
                const std::function<void(Run&)>& body) {
  io::ignore_signals_of_writing();
  return guarded(chapter.chapter, [&] {
    const ParsedOptions parsed = parse_options(argc, argv, chapter);
    if (parsed.exit_code) return *parsed.exit_code;
    const Options& options = parsed.options;
    if (!options.resume) check_run_folder(options.out, options.overwrite);
    check_save_path(options.save);
    check_save_path(options.dump);
    set_up(options);
    Run run(chapter, options);
    body(run);
    if (run.has_folder()) io::print("wrote " + run.folder().string() + "\n");
    return interrupt_requested() != 0 ? 128 + interrupt_requested() : 0;
  });
}

}  // namespace cnn
