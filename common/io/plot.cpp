// SPDX-License-Identifier: MIT
#include "common/io/plot.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <numeric>

#include "common/core/check.hpp"
#include "common/io/gnuplot.hpp"

namespace cnn::io {
namespace {

constexpr const char* png_terminal = "pngcairo size 1000,420 font ',11'";
constexpr const char* svg_terminal = "svg size 1000,420 font ',13' background '#ffffff'";

/// The terminal for a file, by the ending of its name.
std::string terminal_for(const std::filesystem::path& path) {
  std::string ending = path.extension().string();
  std::transform(ending.begin(), ending.end(), ending.begin(),
                 [](unsigned char c) { return std::tolower(c); });
  CNN_CHECK(ending == ".png" || ending == ".svg", UsageError,
            "[plot] pictures are drawn as PNG or SVG, by the ending of the name: name " + path.string() +
                " so that it ends in .png or .svg");
  return ending == ".png" ? png_terminal : svg_terminal;
}

std::string gnuplot_number(double value) { return std::isfinite(value) ? fmt::format("{}", value) : "NaN"; }

std::string data_block(const std::string& name, const std::vector<EpochRecord>& epochs) {
  std::string text = "$" + name + " << END\n";
  for (const EpochRecord& r : epochs) {
    text += fmt::format("{} {} {} {}\n", r.epoch, gnuplot_number(r.loss), gnuplot_number(r.train_accuracy),
                        gnuplot_number(r.test_accuracy));
  }
  return text + "END\n";
}

/// A range for the axis of one measure; gnuplot refuses to find one where no number is.
std::string range_text(const std::vector<EpochRecord>& epochs, double EpochRecord::*measure,
                       const std::string& range) {
  const bool any = std::any_of(epochs.begin(), epochs.end(),
                               [&](const EpochRecord& r) { return std::isfinite(r.*measure); });
  return "set yrange [" + (any ? range : "0:1") + "]\n";
}

/// Two panels side by side, `title` above them; what follows draws each.
std::string panels(Index first, Index last, const std::string& title) {
  last = std::max(last, first + 1);
  std::string script =
      "set datafile missing 'NaN'\nset grid linecolor rgb '#dddddd' linetype 1\nset border 3 linecolor rgb "
      "'#555555'\n";
  script += "set tics nomirror\nset xlabel 'epoch'\nset key top right box linecolor rgb '#bbbbbb'\n";
  script +=
      fmt::format("set xrange [{}:{}]\nset xtics {}\n", first, last, std::max<Index>((last - first) / 8, 1));
  return script + "set multiplot layout 1,2 title " + gnuplot_text(title) + " noenhanced\n";
}

/// One line of a plot.
std::string line_text(const std::string& block, int column, const std::string& style,
                      const std::string& name) {
  return fmt::format("${} using 1:{} with linespoints linewidth 2 pointsize 0.7 {} title {}", block, column,
                     style, gnuplot_text(name));
}

/// Loss, and the two accuracies.
std::string make_script(const std::string& terminal, const std::vector<EpochRecord>& epochs,
                        const std::string& title) {
  const std::string blue = "pointtype 7 linecolor rgb '#1f77b4'", red = "pointtype 5 linecolor rgb '#d62728'";
  std::string script = "set encoding utf8\nset terminal " + terminal + "\n" + data_block("epochs", epochs);
  script += panels(epochs.front().epoch, epochs.back().epoch, title);
  script += "set title 'loss'\n" + range_text(epochs, &EpochRecord::loss, "0:*");
  script += "plot " + line_text("epochs", 2, blue, "training") + "\n";
  script += "set title 'accuracy'\nset key bottom right\n" +
            range_text(epochs, &EpochRecord::train_accuracy, "*:1");
  script +=
      "plot " + line_text("epochs", 3, blue, "training") + ", " + line_text("epochs", 4, red, "test") + "\n";
  return script + "unset multiplot\n";
}

/// Loss, and the test accuracy, of each run that has an epoch.
std::string runs_script(const std::string& terminal, const std::vector<NamedCurve>& runs,
                        const std::vector<EpochRecord>& all) {
  const auto [first, last] = std::minmax_element(
      all.begin(), all.end(), [](const auto& a, const auto& b) { return a.epoch < b.epoch; });
  std::string script = "set encoding utf8\nset terminal " + terminal + "\n";
  std::string losses, accuracies;
  for (std::size_t k = 0; k < runs.size(); ++k) {
    if (runs[k].epochs.empty()) continue;
    const std::string block = fmt::format("run{}", k), comma = losses.empty() ? "plot " : ", ";
    const std::string style = fmt::format("pointtype 7 linetype {}", k + 1);
    script += data_block(block, runs[k].epochs);
    losses += comma + line_text(block, 2, style, runs[k].name);
    accuracies += comma + line_text(block, 4, style, runs[k].name);
  }
  script += panels(first->epoch, last->epoch, "") + "set key noenhanced\n";
  script += "set title 'training loss'\n" + range_text(all, &EpochRecord::loss, "0:*") + losses + "\n";
  script += "set title 'test accuracy'\nset key bottom right\n" +
            range_text(all, &EpochRecord::test_accuracy, "*:1") + accuracies + "\n";
  return script + "unset multiplot\n";
}

/// The elements of a matrix as "column row share count", and the counts once more as text, dark on light and light on dark.
std::string confusion_blocks(const std::vector<std::vector<Index>>& counts) {
  std::string cells;
  std::array<std::string, 2> labels;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    const auto total = static_cast<double>(std::accumulate(counts[i].begin(), counts[i].end(), Index{0}));
    for (std::size_t j = 0; j < counts[i].size(); ++j) {
      const double share = total > 0 ? static_cast<double>(counts[i][j]) / total : 0;
      cells += fmt::format("{} {} {}\n", j, i, share);
      if (counts[i][j] > 0) labels[share > 0.5 ? 1 : 0] += fmt::format("{} {} {}\n", j, i, counts[i][j]);
    }
  }
  const std::string nowhere = "-9 -9 0\n";  // gnuplot refuses a block without points
  return "$cells << END\n" + cells + "END\n$dark << END\n" + nowhere + labels[0] + "END\n$light << END\n" +
         nowhere + labels[1] + "END\n";
}

std::string confusion_script(const std::vector<std::vector<Index>>& counts,
                             const std::vector<std::string>& names, const std::string& title) {
  std::string tics;
  for (std::size_t k = 0; k < names.size(); ++k)
    tics += fmt::format("{}{} {}", k == 0 ? "" : ", ", gnuplot_text(names[k]), k);
  std::string script =
      "set encoding utf8\nset terminal pngcairo size 760,700 font ',11'\n" + confusion_blocks(counts);
  script += "set title " + gnuplot_text(title) + " noenhanced\nunset key\nunset colorbox\n";
  script += "set xlabel 'prediction'\nset ylabel 'label'\nset tics scale 0 noenhanced\n";
  script += "set xtics (" + tics + ") rotate by -45\nset ytics (" + tics + ")\n";
  script += fmt::format("set xrange [-0.5:{0}.5]\nset yrange [{0}.5:-0.5]\n", counts.size() - 1);
  script += "set cbrange [0:1]\nset palette defined (0 '#ffffff', 0.25 '#9ecae1', 1 '#08306b')\n";
  script += "plot $cells using 1:2:3 with image, $dark using 1:2:3 with labels textcolor rgb '#222222', ";
  return script + "$light using 1:2:3 with labels textcolor rgb '#ffffff'\n";
}

}  // namespace

Drawing write_curves(const std::filesystem::path& folder, const std::vector<EpochRecord>& epochs,
                     const std::string& title) {
  if (epochs.empty()) return {"there is no epoch to draw"};
  for (const char* name : {"curves.png", "curves.svg"}) {
    const std::filesystem::path path = folder / name;
    const Drawing drawing = draw_with_gnuplot(path, make_script(terminal_for(path), epochs, title));
    if (!drawing) return drawing;
  }
  return {};
}

void check_plot_name(const std::filesystem::path& path) { (void)terminal_for(path); }

Drawing write_curves_of_runs(const std::filesystem::path& path, const std::vector<NamedCurve>& runs) {
  const std::string terminal = terminal_for(path);
  std::vector<EpochRecord> all;
  for (const NamedCurve& run : runs) all.insert(all.end(), run.epochs.begin(), run.epochs.end());
  if (all.empty()) return {"no run has finished an epoch"};
  return draw_with_gnuplot(path, runs_script(terminal, runs, all));
}

Drawing write_confusion(const std::filesystem::path& path, const std::vector<std::vector<Index>>& counts,
                        const std::vector<std::string>& names, const std::string& title) {
  const auto wrong_size = [&](const std::vector<Index>& row) { return row.size() != counts.size(); };
  CNN_CHECK(
      !counts.empty() && counts.size() == names.size() &&
          std::none_of(counts.begin(), counts.end(), wrong_size),
      ShapeError,
      fmt::format(
          "[confusion] needs a square of counts with a name for each row; there are {} rows and {} names",
          counts.size(), names.size()));
  return draw_with_gnuplot(path, confusion_script(counts, names, title));
}

}  // namespace cnn::io
