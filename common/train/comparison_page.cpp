// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "common/io/html.hpp"
#include "common/train/comparison.hpp"

namespace cnn {
namespace {

io::Chart chart_of(const std::vector<io::NamedCurve>& runs, const std::string& id, const std::string& title,
                   int digits, double io::EpochRecord::*value) {
  io::Chart chart{.id = id, .title = title, .digits = digits};
  for (const io::NamedCurve& run : runs) {
    io::Series series{.name = run.name, .x = {}, .y = {}};
    for (const io::EpochRecord& epoch : run.epochs) {
      series.x.push_back(static_cast<double>(epoch.epoch));
      series.y.push_back(epoch.*value);
    }
    chart.series.push_back(std::move(series));
  }
  return chart;
}

std::string value_of(const RunResult& run, const std::string& key) {
  const io::RunValue* const value = io::find(run.info, key);
  return value == nullptr ? "-" : io::to_text(*value);
}

/// A line for each key of run.json under which not all runs have the same.
Table differences(const std::vector<RunResult>& runs, const std::vector<io::NamedCurve>& names) {
  std::vector<std::string> head{"option"};
  for (const io::NamedCurve& run : names) head.push_back(run.name);
  Table table(head, head.size());
  std::set<std::string> seen{"parameters", "macs"};  // are in the table of figures
  for (const RunResult& holder : runs) {
    for (const auto& [key, unused] : holder.info) {
      if (!seen.insert(key).second) continue;
      std::vector<std::string> row{key};
      for (const RunResult& run : runs) row.push_back(value_of(run, key));
      if (std::count(row.begin() + 1, row.end(), row[1]) + 1 < static_cast<Index>(row.size())) table.add(row);
    }
  }
  return table;
}

Table epochs_of(const std::vector<io::NamedCurve>& runs) {
  Table table({"run", "epoch", "loss", "train acc", "test acc", "seconds"}, 1);
  for (const io::NamedCurve& run : runs) {
    for (const io::EpochRecord& r : run.epochs)
      table.add({run.name, std::to_string(r.epoch), fmt::format("{:.4f}", r.loss),
                 fmt::format("{:.3f}", r.train_accuracy), fmt::format("{:.3f}", r.test_accuracy),
                 fmt::format("{:.1f}", r.seconds)});
  }
  return table;
}

}  // namespace

std::string comparison_page(const std::vector<RunResult>& runs) {
  const std::vector<io::NamedCurve> names = named_curves(runs);
  const std::vector<io::Chart> charts{
      chart_of(names, "loss", "Loss", 4, &io::EpochRecord::loss),
      chart_of(names, "train_accuracy", "Train accuracy", 3, &io::EpochRecord::train_accuracy),
      chart_of(names, "test_accuracy", "Test accuracy", 3, &io::EpochRecord::test_accuracy)};
  std::string body;
  if (const std::string curves = io::html_charts(charts); !curves.empty())
    body += "<h2>Curves</h2>\n" + curves;
  body += "<h2>Figures</h2>\n" + io::html_table(to_table(runs), "Loss and accuracies are of the last epoch.");
  body += "<h2>What differs</h2>\n";
  const Table table = differences(runs, names);
  body += table.lines().size() > 1
              ? io::html_table(table, "Options, versions and machines, where they are not all the same.")
              : "<p>Nothing: all of run.json is the same.</p>\n";
  if (const Table epochs = epochs_of(names); epochs.lines().size() > 1)
    body += "<h2>Epochs</h2>\n" + io::html_table(epochs, "The numbers of the curves.");
  return io::html_page(fmt::format("{} run{}", runs.size(), runs.size() == 1 ? "" : "s"), body, charts);
}

}  // namespace cnn
