// SPDX-License-Identifier: MIT
#include "common/train/run_folder.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "common/core/check.hpp"
#include "common/core/threads.hpp"
#include "common/io/file.hpp"
#include "common/train/option_table.hpp"
#include "common/train/version.hpp"

namespace cnn {
namespace {

namespace fs = std::filesystem;
constexpr const char* run_file = "run.json";
constexpr int run_format = 1;

fs::path runs_root() {
  const char* const root = std::getenv("CNN_ROOT");
  return (root != nullptr && *root != '\0' ? fs::path(root) : fs::current_path()) / "runs";
}

void make_folder(const fs::path& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  CNN_CHECK(!error && fs::is_directory(folder), DataError,
            fmt::format("[run] cannot make the folder {}: {}; choose another with --out", folder.string(),
                        error ? error.message() : "something else has that name"));
}

/// Makes runs/<chapter>/<k> with the first k nobody has; making a folder is atomic, so two runs never share one.
fs::path make_next_folder(const std::string& chapter) {
  const fs::path parent = runs_root() / chapter;
  make_folder(parent);
  for (int k = 1;; ++k) {
    const fs::path folder = parent / std::to_string(k);
    std::error_code error;
    if (fs::create_directory(folder, error)) return folder;
    CNN_CHECK(!error || error == std::errc::file_exists, DataError,
              fmt::format("[run] cannot make the folder {}: {}; choose another with --out", folder.string(),
                          error.message()));
  }
}

/// Removes what a former run wrote under fixed names; pictures are replaced as they are written anew.
void remove_former_run(const fs::path& folder) {
  std::error_code ignored;
  for (const char* name :
       {run_file, "metrics.jsonl", "metrics.csv", "curves.png", "curves.svg", "model.safetensors",
        "confusion.csv", "confusion.png", "wrong.png", "wrong.txt", "filters.png", "report.html"}) {
    fs::remove(folder / name, ignored);
  }
  fs::remove_all(folder / "checkpoint", ignored);
}

/// Reads one value of a run.json as the type that was written.
template <typename T>
T value_of(const io::RunInfo& run, const char* key) {
  const io::RunValue* const value = io::find(run, key);
  CNN_CHECK(value != nullptr && std::holds_alternative<T>(*value), DataError,
            fmt::format("'{}' is missing or of a wrong type", key));
  return std::get<T>(*value);
}

io::RunInfo to_run_info(const Options& o, const Chapter& chapter, const std::optional<nn::Cost>& cost) {
  io::RunInfo run{{"format", std::int64_t{run_format}},
                  {"section", chapter.section},
                  {"name", chapter.name},
                  {"synthetic", o.synthetic}};
  for (const OptionRow& row : option_table()) {
    if (row.noted) run.emplace_back(json_key(row), option_value(o, row));
  }
  for (const auto& [name, value] : o.extra) run.emplace_back("--" + name, value);
  if (cost) {
    run.emplace_back("parameters", std::int64_t{cost->parameters});
    run.emplace_back("macs", std::int64_t{cost->macs});
  }
  run.emplace_back("rung", rung_description());
  run.emplace_back("threads_used", std::int64_t{thread_count()});
  for (const auto& [name, value] : version_fields()) run.emplace_back(name, value);
  return run;
}

/// What an option has when it is not given; a chapter's own options are always there.
bool is_default(const OptionRow& row, const std::string& text) {
  return !std::holds_alternative<std::monostate>(row.member) && io::to_text(option_value({}, row)) == text;
}

Options to_options(const io::RunInfo& run, const TrainingChapter& chapter) {
  Options o;
  o.synthetic = value_of<bool>(run, "synthetic");
  for (const OptionRow& row : options_of(chapter)) {
    if (!row.noted) continue;
    const io::RunValue* const value = io::find(run, json_key(row));
    if (value == nullptr && (row.name == "predict" || row.name == "dump")) continue;  // of an older version
    const std::string text = value == nullptr ? "" : io::to_text(*value);
    const std::string wrong = value == nullptr        ? "it is missing"
                              : is_default(row, text) ? ""
                                                      : wrong_with(row, text);
    CNN_CHECK(wrong.empty(), DataError, fmt::format("{}: {}", json_key(row), wrong));
    set_option(o, row, text);
  }
  return o;
}

/// Refuses a run.json of another format or program.
void check_run(const io::RunInfo& run, const fs::path& folder, const Chapter& chapter) {
  const auto format = value_of<std::int64_t>(run, "format");
  CNN_CHECK(format == run_format, UsageError,
            fmt::format("[resume] the run in {} has format {}, this version reads {}; resume it with the "
                        "version that wrote it",
                        folder.string(), format, run_format));
  const std::string name = value_of<std::string>(run, "name");
  CNN_CHECK(name == chapter.name, UsageError,
            fmt::format("[resume] {} holds a run of section {} ({}), not of {}; use that program",
                        folder.string(), value_of<std::string>(run, "section"), name, chapter.name));
}

}  // namespace

RunFolder::RunFolder(fs::path path) : path_(std::move(path)) {
  lock_ = ::open(path_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  CNN_CHECK(lock_ >= 0, DataError,
            fmt::format("[run] cannot open the folder {}: {}", path_.string(), std::strerror(errno)));
  if (::flock(lock_, LOCK_EX | LOCK_NB) != 0) {
    ::close(lock_);
    throw DataError(fmt::format(
        "[run] another process is training in {}; wait for it or choose another --out", path_.string()));
  }
  CNN_CHECK(::access(path_.c_str(), W_OK | X_OK) == 0, DataError,
            fmt::format("[run] cannot write to the folder {}: {}; choose another with --out", path_.string(),
                        std::strerror(errno)));
}

RunFolder::RunFolder(RunFolder&& other) noexcept
    : path_(std::move(other.path_)), lock_(std::exchange(other.lock_, -1)) {}

RunFolder::~RunFolder() {
  if (lock_ >= 0) ::close(lock_);
}

RunFolder RunFolder::create(const fs::path& folder, const std::string& chapter, bool overwrite) {
  if (folder.empty()) return RunFolder(make_next_folder(chapter));
  check_run_folder(folder, overwrite);
  make_folder(folder);
  RunFolder opened(folder);
  if (overwrite) remove_former_run(folder);
  return opened;
}

RunFolder RunFolder::open(const fs::path& folder) { return RunFolder(folder); }

void check_run_folder(const fs::path& folder, bool overwrite) {
  std::error_code ignored;
  if (folder.empty() || !fs::exists(folder, ignored)) return;
  CNN_CHECK(fs::is_directory(folder, ignored), UsageError,
            fmt::format("--out {} is not a folder; choose another name", folder.string()));
  CNN_CHECK(overwrite || !fs::exists(folder / run_file, ignored), UsageError,
            fmt::format("--out {0} already holds a run; go on with it by --resume {0}, replace it with "
                        "--overwrite, or choose "
                        "another folder",
                        folder.string()));
}

void check_save_path(const fs::path& file) {
  if (!file.empty()) const io::AtomicFile probe(file);  // opens the temporary file, and removes it
}

void write_run_json(const fs::path& folder, const Options& options, const Chapter& chapter,
                    const std::optional<nn::Cost>& cost) {
  io::write_run_json(folder / run_file, to_run_info(options, chapter, cost));
}

Options read_run_options(const fs::path& folder, const TrainingChapter& chapter) {
  const fs::path file = folder / run_file;
  std::error_code ignored;
  CNN_CHECK(
      fs::exists(file, ignored), DataError,
      fmt::format("[resume] {} holds no run: there is no {} in it; name the folder of an interrupted run",
                  folder.string(), run_file));
  const io::RunInfo run = io::read_run_json(file);
  try {
    check_run(run, folder, chapter.chapter);
    return to_options(run, chapter);
  } catch (const DataError& e) {
    throw DataError(fmt::format("[resume] {} is damaged: {}; start the run anew with --overwrite",
                                file.string(), e.what()));
  }
}

}  // namespace cnn
