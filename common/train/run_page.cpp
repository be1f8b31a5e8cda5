// SPDX-License-Identifier: MIT
#include "common/train/run_page.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

#include "common/data/resize.hpp"
#include "common/io/html.hpp"
#include "common/train/memory.hpp"

namespace cnn {
namespace {

constexpr std::size_t most_points = 300;     // of the curve of the steps
constexpr std::size_t most_classes = 50;     // in the table of all pairs
constexpr std::size_t most_confusions = 50;  // in the list of the frequent ones
constexpr Index most_errors = 25;
constexpr Index most_pixels = 96;  // of a side of an image

std::string percent(Index part, Index whole) {
  return whole == 0 ? "-"
                    : fmt::format("{:.1f} %", 100.0 * static_cast<double>(part) / static_cast<double>(whole));
}

std::string value_of(const io::RunInfo& info, const std::string& key) {
  const io::RunValue* const value = io::find(info, key);
  return value == nullptr ? "" : io::to_text(*value);
}

double total_seconds(const RunPage& page) {
  double seconds = 0;
  for (const io::EpochRecord& epoch : page.epochs) seconds += epoch.seconds;
  return seconds;
}

Index peak_bytes(const RunPage& page) {
  Index peak = 0;
  for (const io::EpochRecord& epoch : page.epochs) peak = std::max(peak, epoch.peak_bytes);
  return peak;
}

Index right_answers(const Predictions& predictions) {
  return std::count_if(predictions.all().begin(), predictions.all().end(),
                       [](const Predictions::Prediction& p) { return p.label == p.predicted; });
}

// ---- What the run came to, and what it was -------------------------------------------------------------------------------

std::string figure(const std::string& name, const std::string& value) {
  return "<div><dt>" + io::escape_html(name) + "</dt><dd>" + io::escape_html(value) + "</dd></div>\n";
}

std::string figures(const RunPage& page) {
  std::string html;
  if (page.predictions != nullptr)
    html += figure("test accuracy", percent(right_answers(*page.predictions),
                                            static_cast<Index>(page.predictions->all().size())));
  if (!page.epochs.empty()) {
    const io::EpochRecord& last = page.epochs.back();
    if (page.predictions == nullptr)
      html += figure("test accuracy", fmt::format("{:.1f} %", 100 * last.test_accuracy));
    html += figure("train accuracy", fmt::format("{:.1f} %", 100 * last.train_accuracy));
    html += figure("loss", fmt::format("{:.4f}", last.loss));
    html += figure("epochs", std::to_string(page.epochs.size()));
    html += figure("time of the epochs", fmt::format("{:.1f} s", total_seconds(page)));
  }
  if (peak_bytes(page) > 0) html += figure("peak memory", memory_text(peak_bytes(page)));
  html += figure("parameters", grouped(page.layers.parameters));
  html += figure("MACs per image", grouped(page.layers.macs));
  return "<dl class=\"figures\">\n" + html + "</dl>\n";
}

Table record(const RunPage& page, const std::vector<std::string>& keys) {
  Table table({"entry", "value"}, 2);
  for (const std::string& key : keys)
    if (io::find(page.info, key) != nullptr) table.add({key, value_of(page.info, key)});
  return table;
}

std::string run_section(const RunPage& page) {
  std::vector<std::string> keys;
  for (const auto& [key, unused] : page.info) keys.push_back(key);
  return "<h2>The run</h2>\n<p>This command makes it again:</p>\n<pre>" + io::escape_html(page.command) +
         "</pre>\n" +
         io::html_table(record(page, {"preset", "seed", "epochs", "batch_size", "lr", "image_size", "rung",
                                      "threads_used", "cpu", "version", "compiler"}),
                        "What decided about its numbers and its time.") +
         "<details><summary>All of run.json</summary>\n" +
         io::html_table(record(page, keys), "Every option, and what the program was made of.") +
         "</details>\n";
}

// ---- Curves --------------------------------------------------------------------------------------------------------------

/// The mean loss of every few steps, over the epochs; a step is so much of its epoch as there are steps in the longest one.
io::Series loss_of_steps(const std::vector<io::StepRecord>& steps) {
  const std::size_t count = std::max<std::size_t>(1, (steps.size() + most_points - 1) / most_points);
  io::Series series{.name = count == 1 ? "loss of a step" : fmt::format("loss, mean of {} steps", count),
                    .x = {},
                    .y = {},
                    .marks = false};
  Index longest = 1;
  for (const io::StepRecord& step : steps) longest = std::max(longest, step.step);
  for (std::size_t i = 0; i < steps.size(); i += count) {
    const std::size_t end = std::min(steps.size(), i + count);
    double sum = 0;
    for (std::size_t k = i; k < end; ++k) sum += steps[k].loss;
    const io::StepRecord& last = steps[end - 1];
    series.x.push_back(static_cast<double>(last.epoch - 1) +
                       static_cast<double>(last.step) / static_cast<double>(longest));
    series.y.push_back(sum / static_cast<double>(end - i));
  }
  return series;
}

io::Series series_of(const RunPage& page, const std::string& name, double io::EpochRecord::*value) {
  io::Series series{.name = name, .x = {}, .y = {}};
  for (const io::EpochRecord& epoch : page.epochs) {
    series.x.push_back(static_cast<double>(epoch.epoch));
    series.y.push_back(epoch.*value);
  }
  return series;
}

std::vector<io::Chart> charts_of(const RunPage& page) {
  io::Chart loss{.id = "loss", .title = "Loss", .digits = 4};
  if (!page.epochs.empty())
    loss.series.push_back(series_of(page, "mean loss of the epoch", &io::EpochRecord::loss));
  if (!page.steps.empty()) loss.series.push_back(loss_of_steps(page.steps));
  return {loss,
          {.id = "accuracy",
           .title = "Accuracy",
           .digits = 3,
           .series = {series_of(page, "while training", &io::EpochRecord::train_accuracy),
                      series_of(page, "on the test images", &io::EpochRecord::test_accuracy)}}};
}

std::string curve_section(const RunPage& page, const std::vector<io::Chart>& charts) {
  std::string html = io::html_charts(charts);
  if (!page.epochs.empty()) {
    Table table({"epoch", "loss", "train acc", "test acc", "seconds", "peak MiB"}, 0);
    for (const io::EpochRecord& r : page.epochs)
      table.add({std::to_string(r.epoch), fmt::format("{:.4f}", r.loss),
                 fmt::format("{:.4f}", r.train_accuracy), fmt::format("{:.4f}", r.test_accuracy),
                 fmt::format("{:.2f}", r.seconds),
                 r.peak_bytes > 0 ? std::to_string(r.peak_bytes >> 20) : "-"});
    html += io::html_table(table, "The epochs: mean loss, accuracies, time, and most memory taken by then.");
  }
  return html.empty() ? html : "<h2>Curves</h2>\n" + html;
}

// ---- Errors --------------------------------------------------------------------------------------------------------------

std::string confusion_table(const RunPage& page) {
  const std::vector<std::vector<Index>> counts = page.predictions->confusion();
  std::string html = "<table class=\"confusion\">\n<thead><tr><td></td>";
  for (const std::string& name : page.class_names)
    html += "<th scope=\"col\">" + io::escape_html(name) + "</th>";
  html += "<th scope=\"col\">right</th></tr></thead>\n<tbody>";
  for (std::size_t i = 0; i < counts.size(); ++i) {
    Index row = 0;
    for (const Index count : counts[i]) row += count;
    html += "<tr><th scope=\"row\">" + io::escape_html(page.class_names[i]) + "</th>";
    for (std::size_t j = 0; j < counts[i].size(); ++j) {
      const double share = row == 0 ? 0 : static_cast<double>(counts[i][j]) / static_cast<double>(row);
      html += fmt::format("<td{}{}>{}</td>", i == j ? " class=\"right\"" : "",
                          counts[i][j] == 0 ? "" : fmt::format(" style=\"--p:{:.2f}\"", share), counts[i][j]);
    }
    html += "<td>" + percent(counts[i][i], row) + "</td></tr>\n";
  }
  return io::html_scroll_box(
      html + "</tbody></table>",
      "Test images of each class (rows) taken for each class (columns); dark where most of a row is. "
      "The last column is the share that was right.");
}

/// Where the table of all pairs would be too large.
std::string frequent_confusions(const RunPage& page) {
  std::map<std::pair<Index, Index>, Index> counts;
  for (const Predictions::Prediction& p : page.predictions->all())
    if (p.label != p.predicted) ++counts[{p.label, p.predicted}];
  std::vector<std::pair<std::pair<Index, Index>, Index>> pairs(counts.begin(), counts.end());
  std::stable_sort(pairs.begin(), pairs.end(),
                   [](const auto& a, const auto& b) { return a.second > b.second; });
  const std::size_t shown = std::min(pairs.size(), most_confusions);
  Table table({"label", "prediction", "images"}, 2);
  for (std::size_t k = 0; k < shown; ++k)
    table.add({page.class_names[static_cast<std::size_t>(pairs[k].first.first)],
               page.class_names[static_cast<std::size_t>(pairs[k].first.second)],
               std::to_string(pairs[k].second)});
  return fmt::format("<p>With {} classes there is no room for all pairs; confusion.csv has them.</p>\n",
                     page.class_names.size()) +
         io::html_table(table, fmt::format("The {} most frequent of {} confusions.", shown, pairs.size()));
}

/// One image of a data set, shrunk if it is large.
Tensor image_of(const data::Dataset& images, Index place) {
  const Shape& shape = images.images.shape();
  const Index c = images.channels(), h = shape[shape.size() - 2], w = shape.back();
  Tensor image = Tensor::empty({c, h, w}, {}, DType::u8);
  std::copy_n(images.images.pixels() + place * c * h * w, c * h * w, image.pixels());
  const Index side = std::max(h, w);
  if (side <= most_pixels) return image;
  const auto shrunk = [&](Index length) { return std::max<Index>(1, length * most_pixels / side); };
  return data::resize_bilinear(image, shrunk(h), shrunk(w));
}

std::string wrong_images(const RunPage& page) {
  const std::vector<Index> places = page.predictions->most_confident_errors(most_errors);
  if (places.empty()) return "<p>There is no image on which the network was wrong.</p>\n";
  std::string html;
  for (const Index place : places) {
    const Predictions::Prediction& p = page.predictions->all()[static_cast<std::size_t>(place)];
    const std::string& label = page.class_names[static_cast<std::size_t>(p.label)];
    const std::string& prediction = page.class_names[static_cast<std::size_t>(p.predicted)];
    html +=
        "<figure>" +
        io::html_image(image_of(*page.test_images, place),
                       fmt::format("test image {}, of the class {}", place, label)) +
        fmt::format("<figcaption>{}, taken for <strong>{}</strong>, {:.2f}&nbsp;%</figcaption></figure>\n",
                    io::escape_html(label), io::escape_html(prediction), 100 * double{p.probability});
  }
  return fmt::format(
             "<p class=\"note\">The {} test images on which it was most confidently wrong: label, "
             "prediction, and "
             "the probability that the network gave to it.</p>\n<div class=\"wrong\">\n",
             places.size()) +
         html + "</div>\n";
}

std::string error_section(const RunPage& page) {
  if (page.predictions == nullptr || page.predictions->all().empty()) return "";
  return "<h2>Confusion</h2>\n" +
         (page.class_names.size() <= most_classes ? confusion_table(page) : frequent_confusions(page)) +
         "<h2>Most confidently wrong</h2>\n" + wrong_images(page);
}

// ---- Pictures, layers, time ----------------------------------------------------------------------------------------------

std::string picture_section(const RunPage& page) {
  std::string html;
  for (const PagePicture& picture : page.pictures)
    html += "<figure>" + io::html_image(picture.image, picture.caption) + "<figcaption>" +
            io::escape_html(picture.caption) + "</figcaption></figure>\n";
  return html.empty() ? html
                      : "<h2>Filters and feature maps</h2>\n<div class=\"pictures\">\n" + html + "</div>\n";
}

std::string layer_section(const RunPage& page) {
  if (page.layers.rows.empty()) return "";
  return "<h2>Layers</h2>\n" +
         io::html_table(nn::to_table(page.layers),
                        "For one image: output, numbers to learn, multiplications with addition, memory of "
                        "the output, and the pixels that one element of it sees.");
}

std::string time_section(const RunPage& page) {
  if (page.steps.empty()) return "";
  std::vector<double> seconds;
  double sum = 0;
  Index images = 0;
  for (const io::StepRecord& step : page.steps) {
    seconds.push_back(step.seconds);
    sum += step.seconds;
    images += step.examples;
  }
  const auto middle = seconds.begin() + static_cast<std::ptrdiff_t>(seconds.size() / 2);
  std::nth_element(seconds.begin(), middle, seconds.end());
  Table table({"what", "amount"}, 1);
  table.add({"training steps", grouped(static_cast<Index>(page.steps.size()))});
  table.add({"a step, median", fmt::format("{:.2f} ms", *middle * 1e3)});
  if (sum > 0)
    table.add({"images in a second of training", fmt::format("{:.0f}", static_cast<double>(images) / sum)});
  table.add({"all steps", fmt::format("{:.1f} s", sum)});
  if (!page.epochs.empty())
    table.add({"epochs, with evaluation", fmt::format("{:.1f} s", total_seconds(page))});
  table.add({"parameters", memory_text(page.layers.parameters * size_of(DType::f32))});
  if (peak_bytes(page) > 0) table.add({"peak", memory_text(peak_bytes(page))});
  return "<h2>Time and memory</h2>\n" + io::html_table(table, "On the machine named above.");
}

}  // namespace

std::string to_html(const RunPage& page) {
  const std::vector<io::Chart> charts = charts_of(page);
  std::string body = figures(page);
  if (page.interrupted)
    body +=
        "<p><strong>The run was interrupted.</strong> This is how far it came; --resume goes on with "
        "it.</p>\n";
  body += run_section(page) + curve_section(page, charts) + error_section(page) + picture_section(page) +
          layer_section(page) + time_section(page);
  return io::html_page(page.title, body, charts);
}

}  // namespace cnn
