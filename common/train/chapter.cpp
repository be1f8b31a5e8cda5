// SPDX-License-Identifier: MIT
#include "common/train/chapter.hpp"

#include <fmt/format.h>

#include <new>

#include "common/backend/backend.hpp"
#include "common/backend/kernel_choice.hpp"
#include "common/backend/why_no_cuda.hpp"
#include "common/core/check.hpp"
#include "common/core/threads.hpp"
#include "common/io/console.hpp"
#include "common/io/image.hpp"
#include "common/train/console.hpp"
#include "common/train/interrupt.hpp"
#include "common/train/onnx.hpp"

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

/// A build for cards that computes on the CPU says why.
void explain_the_cpu(const Options& options) {
  if (!options.backend.empty()) return;
  const NoCuda no = why_no_cuda();
  if (no.built_in && !no.reason.empty())
    warn("[cuda] " + no.reason + ", so the CPU computes; " + no.hint + ", or give --backend " +
         backend_for({}).name());
}

void set_up(const Options& options) {
  if (options.threads > 0) set_thread_count(options.threads);
  if (!options.backend.empty()) use_backend(options.backend);
  explain_the_cpu(options);
  if (!options.simd.empty()) use_simd_level(options.simd);
  if (options.cuda_kernel.empty()) return;
  const std::string rung = backend_for(default_device()).name();
  CNN_CHECK(rung == "cuda", UsageError,
            "--cuda-kernel is for the rung cuda, and " + rung + " computes; add --backend cuda");
  use_cuda_kernel(options.cuda_kernel);
}

}  // namespace

std::filesystem::path Experiments::file(const std::string& name) {
  if (!folder_) folder_.emplace(RunFolder::create(options_.out, chapter_folder_, options_.overwrite));
  return folder_->path() / name;
}

int run_experiments(int argc, char** argv, const Chapter& chapter,
                    const std::function<void(Experiments&)>& body) {
  return guarded(chapter, [&] {
    const auto [options, exit_code] = parse_experiment_options(argc, argv, chapter);
    if (exit_code) return *exit_code;
    check_run_folder(options.out, options.overwrite);
    set_up(options);
    Experiments experiments(options, chapter.folder);
    body(experiments);
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
    if (options.resume.empty()) check_run_folder(options.out, options.overwrite);
    check_save_path(options.save);
    check_save_path(options.dump);
    check_save_path(options.export_onnx);
    if (!options.export_onnx.empty()) check_has_onnx();
    if (!options.predict.empty()) io::read_picture(options.predict);
    set_up(options);
    Run run(chapter, options);
    body(run);
    if (run.has_folder()) io::print("wrote " + run.folder().string() + "\n");
    return interrupt_requested() != 0 ? 128 + interrupt_requested() : 0;
  });
}

}  // namespace cnn
