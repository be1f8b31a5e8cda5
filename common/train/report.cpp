// SPDX-License-Identifier: MIT
#include "common/train/report.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <iomanip>
#include <sstream>

#include "common/io/file.hpp"
#include "common/io/image.hpp"
#include "common/io/plot.hpp"
#include "common/ops/softmax.hpp"

namespace cnn {
namespace {

namespace fs = std::filesystem;

constexpr Index shown_errors = 25;
constexpr Index filter_side = 44;  // pixels, about

/// A line of names, then for each label a line of counts.
std::string confusion_csv(const std::vector<std::vector<Index>>& counts, std::vector<std::string> names) {
  for (std::string& name : names)  // a comma or a quote in a name is a part of it
    if (name.find_first_of(",\"") != std::string::npos)
      name = (std::ostringstream() << std::quoted(name, '"', '"')).str();
  std::string text = fmt::format("label,{}\n", fmt::join(names, ","));
  for (std::size_t i = 0; i < counts.size(); ++i)
    text += fmt::format("{},{}\n", names[i], fmt::join(counts[i], ","));
  return text;
}

/// The images in a grid, row by row.
Tensor error_picture(const data::Dataset& images, const std::vector<Index>& places) {
  const Shape& shape = images.images.shape();
  const Index channels = images.channels(), h = shape[shape.size() - 2], w = shape.back();
  std::vector<Tensor> planes;
  for (Index c = 0; c < channels; ++c) {
    Tensor chosen = Tensor::empty({static_cast<Index>(places.size()), h, w}, {}, DType::u8);
    for (std::size_t k = 0; k < places.size(); ++k) {
      std::copy_n(images.images.pixels() + (places[k] * channels + c) * h * w, h * w,
                  chosen.pixels() + static_cast<Index>(k) * h * w);
    }
    planes.push_back(io::tile(
        chosen,
        {.columns = 5, .gap = 4, .scale = std::max<Index>(1, 112 / h), .contrast = io::Contrast::none}));
  }
  Tensor picture = Tensor::empty({channels, planes[0].shape()[0], planes[0].shape()[1]});
  for (std::size_t c = 0; c < planes.size(); ++c)
    std::copy_n(planes[c].data(), planes[c].size(),
                picture.data() + static_cast<Index>(c) * planes[c].size());
  return picture;
}

std::string error_list(const Predictions& predictions, const std::vector<Index>& places,
                       const std::vector<std::string>& names) {
  std::string text = fmt::format("{:>5}  {:>5}  {:<12}  {:<12}  {}\n", "place", "index", "label",
                                 "prediction", "probability");
  for (std::size_t k = 0; k < places.size(); ++k) {
    const Predictions::Prediction& p = predictions.all()[static_cast<std::size_t>(places[k])];
    text += fmt::format("{:>5}  {:>5}  {:<12}  {:<12}  {:.6f}\n", k + 1, places[k],
                        names[static_cast<std::size_t>(p.label)],
                        names[static_cast<std::size_t>(p.predicted)], p.probability);
  }
  return text;
}

}  // namespace

void Predictions::add(const Tensor& logits, const Tensor& labels) {
  const Tensor p = ops::softmax(logits).to({});
  const Tensor t = labels.to({});
  const auto [n, classes] = p.dims<2>();
  classes_ = classes;
  for (Index i = 0; i < n; ++i) {
    const float* const row = p.data() + i * classes;
    const float* const largest = std::max_element(row, row + classes);
    predictions_.push_back({.label = static_cast<Index>(t.labels()[i]),
                            .predicted = largest - row,
                            .probability = std::isfinite(*largest) ? *largest : 0});
  }
}

std::vector<std::vector<Index>> Predictions::confusion() const {
  const auto classes = static_cast<std::size_t>(classes_);
  std::vector<std::vector<Index>> counts(classes, std::vector<Index>(classes));
  for (const Prediction& p : predictions_)
    ++counts[static_cast<std::size_t>(p.label)][static_cast<std::size_t>(p.predicted)];
  return counts;
}

std::vector<Index> Predictions::most_confident_errors(Index count) const {
  std::vector<Index> places;
  for (std::size_t i = 0; i < predictions_.size(); ++i) {
    if (predictions_[i].predicted != predictions_[i].label) places.push_back(static_cast<Index>(i));
  }
  const auto confidence = [&](Index i) { return predictions_[static_cast<std::size_t>(i)].probability; };
  std::stable_sort(places.begin(), places.end(),
                   [&](Index a, Index b) { return confidence(a) > confidence(b); });
  places.resize(std::min(places.size(), static_cast<std::size_t>(count)));
  return places;
}

std::optional<Tensor> filter_picture(nn::Module& model) {
  for (const nn::NamedParameter& p : model.named_parameters()) {
    const Tensor& weight = p.parameter->value;
    if (weight.rank() != 4) continue;
    const auto [oc, ic, h, w] = weight.dims<4>();
    const Tensor kernels = weight.to({}).reshape({oc * ic, h, w});
    const io::TileOptions options{.gap = 4,
                                  .scale = std::max<Index>(1, filter_side / h),
                                  .contrast = io::Contrast::none,
                                  .background = 0};
    return io::diverging(io::tile(kernels, options));
  }
  return std::nullopt;
}

io::Drawing write_report(const fs::path& folder, const Predictions& predictions, const data::Dataset& images,
                         nn::Module& model, const std::vector<std::string>& names, const std::string& title) {
  const std::vector<std::vector<Index>> counts = predictions.confusion();
  const std::vector<Index> errors = predictions.most_confident_errors(shown_errors);
  io::write_file_atomically(folder / "confusion.csv", confusion_csv(counts, names));
  io::write_file_atomically(folder / "wrong.txt", error_list(predictions, errors, names));
  if (!errors.empty()) io::write_png(folder / "wrong.png", error_picture(images, errors));
  if (const std::optional<Tensor> filters = filter_picture(model))
    io::write_png(folder / "filters.png", *filters);
  return io::write_confusion(folder / "confusion.png", counts, names, title);
}

}  // namespace cnn
