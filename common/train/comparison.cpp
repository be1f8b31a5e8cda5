// SPDX-License-Identifier: MIT
#include "common/train/comparison.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <system_error>

#include "common/core/check.hpp"

namespace cnn {
namespace {

namespace fs = std::filesystem;

constexpr int deepest_run = 2;           // folders between runs/ and a run: the chapter's and the run's own
constexpr std::size_t text_columns = 4;  // from the left; the others hold numbers

/// A text value of run.json; DataError if it is not there.
std::string text_of(const io::RunInfo& info, const fs::path& file, const char* key) {
  const io::RunValue* const value = io::find(info, key);
  CNN_CHECK(value != nullptr, DataError,
            fmt::format("[compare] {} does not say '{}': it is not of a training run, or damaged",
                        file.string(), key));
  return io::to_text(*value);
}

std::optional<Index> count_of(const io::RunInfo& info, const char* key) {
  const io::RunValue* const value = io::find(info, key);
  const auto* number = value == nullptr ? nullptr : std::get_if<std::int64_t>(value);
  return number == nullptr ? std::nullopt : std::optional<Index>(*number);
}

/// "vgg (ratio 8)": two runs of one program can be of two networks.
std::string network_of(const io::RunInfo& info, const fs::path& file) {
  std::string options;
  for (const auto& [key, value] : info) {
    if (key.starts_with("--"))
      options += fmt::format("{}{} {}", options.empty() ? "" : ", ", key.substr(2), io::to_text(value));
  }
  const std::string name = text_of(info, file, "name");
  return options.empty() ? name : fmt::format("{} ({})", name, options);
}

/// Numbers in their order, so that run 10 follows run 9; before all other names.
bool comes_before(const fs::path& a, const fs::path& b) {
  const auto number = [](const std::string& name) {
    return !name.empty() && name.size() < 10 && std::all_of(name.begin(), name.end(), ::isdigit)
               ? std::stol(name)
               : -1;
  };
  const std::string x = a.filename().string();
  const std::string y = b.filename().string();
  const long i = number(x);
  const long j = number(y);
  if (i >= 0 && j >= 0 && i != j) return i < j;
  return (i >= 0) != (j >= 0) ? i >= 0 : x < y;
}

void collect_runs(const fs::path& folder, int deepest, std::vector<fs::path>& runs) {
  std::error_code ignored;
  if (fs::exists(folder / "run.json", ignored)) {
    runs.push_back(folder);
    return;
  }
  if (deepest == 0) return;
  std::vector<fs::path> children;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder, ignored)) {
    if (entry.is_directory(ignored)) children.push_back(entry.path());
  }
  std::sort(children.begin(), children.end(), comes_before);
  for (const fs::path& child : children) collect_runs(child, deepest - 1, runs);
}

std::string count_text(std::optional<Index> number) { return number ? grouped(*number) : "-"; }

std::vector<std::string> to_row(const RunResult& r) {
  const auto done = static_cast<Index>(r.epochs.size());
  std::vector<std::string> row{
      r.run,
      r.section,
      r.network,
      r.preset,
      count_text(r.parameters),
      count_text(r.macs),
      done == r.planned_epochs ? std::to_string(done) : fmt::format("{} of {}", done, r.planned_epochs)};
  row.resize(12, "-");
  if (r.epochs.empty()) return row;
  const io::EpochRecord& last = r.epochs.back();
  double seconds = 0;
  Index peak = 0;
  for (const io::EpochRecord& epoch : r.epochs) {
    seconds += epoch.seconds;
    peak = std::max(peak, epoch.peak_bytes);
  }
  row[7] = fmt::format("{:.4f}", last.loss);
  row[8] = fmt::format("{:.3f}", last.train_accuracy);
  row[9] = fmt::format("{:.3f}", last.test_accuracy);
  row[10] = fmt::format("{:.1f}", seconds);
  if (peak > 0) row[11] = std::to_string(peak >> 20);
  return row;
}

}  // namespace

std::vector<fs::path> find_runs(const fs::path& path) {
  std::error_code ignored;
  CNN_CHECK(
      fs::exists(path, ignored), DataError,
      fmt::format("[compare] there is no {}; name folders of runs, such as runs/05_lenet/1", path.string()));
  CNN_CHECK(fs::is_directory(path, ignored), DataError,
            fmt::format("[compare] {} is a file; name the folder of the run", path.string()));
  std::vector<fs::path> runs;
  collect_runs(path, deepest_run, runs);
  return runs;
}

RunResult read_run_result(const fs::path& folder) {
  const fs::path file = folder / "run.json";
  const io::RunInfo info = io::read_run_json(file);
  RunResult result{.run = folder.lexically_normal().string(),
                   .section = text_of(info, file, "section"),
                   .network = network_of(info, file),
                   .preset = text_of(info, file, "preset"),
                   .parameters = count_of(info, "parameters"),
                   .macs = count_of(info, "macs"),
                   .planned_epochs = count_of(info, "epochs").value_or(0),
                   .epochs = {},
                   .info = info};
  std::error_code ignored;
  if (fs::exists(folder / "metrics.jsonl", ignored))
    result.epochs = io::read_metrics(folder / "metrics.jsonl");
  return result;
}

std::vector<io::NamedCurve> named_curves(const std::vector<RunResult>& runs) {
  std::vector<io::NamedCurve> curves;
  for (const RunResult& run : runs) {
    const auto same = [&](const RunResult& other) { return other.network == run.network; };
    const bool alone = std::count_if(runs.begin(), runs.end(), same) == 1;
    curves.push_back({alone ? run.network : run.network + ", " + run.run, run.epochs});
  }
  return curves;
}

Table to_table(const std::vector<RunResult>& runs) {
  Table table({"run", "section", "network", "preset", "parameters", "MACs", "epochs", "loss", "train acc",
               "test acc", "seconds", "peak MiB"},
              text_columns);
  for (const RunResult& run : runs) table.add(to_row(run));
  return table;
}

std::string comparison_table(const std::vector<RunResult>& runs, bool markdown) {
  return to_table(runs).draw(markdown);
}

}  // namespace cnn
