// SPDX-License-Identifier: MIT
#include "common/train/feature_maps.hpp"

#include <algorithm>
#include <memory>
#include <utility>

#include "common/io/image.hpp"
#include "common/nn/container.hpp"
#include "common/nn/fuse.hpp"
#include "common/nn/summary.hpp"
#include "common/nn/wrapper.hpp"
#include "common/train/evaluate.hpp"

namespace cnn {
namespace {

constexpr Index map_side = 56;  // pixels, about

/// Keeps a copy of what a layer returns: the next one may work in place.
class Kept : public nn::Wrapper {
 public:
  Kept(std::shared_ptr<nn::Module> layer, Tensor& output) : Wrapper(std::move(layer)), output_(output) {}

  Tensor forward(Tensor x) override {
    Tensor y = Wrapper::forward(std::move(x));
    output_ = y.clone().to({});
    return y;
  }

 private:
  Tensor& output_;
};

/// Keeps the outputs of some layers for the life of a scope. Each layer computes what its name says meanwhile.
class KeptLayers {
 public:
  explicit KeptLayers(nn::Container& model) : model_(model), was_fused_(nn::fuse(model, false)) {}
  ~KeptLayers() {
    model_.replace_leaves([](const std::string&, std::shared_ptr<nn::Module> layer) {
      const auto kept = std::dynamic_pointer_cast<Kept>(layer);
      return kept ? kept->layer() : std::move(layer);
    });
    if (was_fused_) nn::fuse(model_);
  }
  KeptLayers(const KeptLayers&) = delete;
  KeptLayers& operator=(const KeptLayers&) = delete;

  /// \param place   of a layer among the leaves
  /// \param output  gets what it returns
  void keep(std::size_t place, Tensor& output) {
    std::size_t at = 0;
    model_.replace_leaves([&](const std::string&, std::shared_ptr<nn::Module> layer) {
      return at++ == place ? std::make_shared<Kept>(std::move(layer), output) : std::move(layer);
    });
  }

 private:
  nn::Container& model_;
  bool was_fused_;
};

bool is_convolution(const nn::SummaryRow& row) { return row.kind.starts_with("Conv2d"); }

/// The last of the layers behind a convolution that leave its shape alone, or the convolution itself.
std::size_t end_of_block(const std::vector<nn::SummaryRow>& rows, std::size_t convolution) {
  std::size_t end = convolution;
  while (end + 1 < rows.size() && rows[end + 1].output_shape == rows[convolution].output_shape &&
         !is_convolution(rows[end + 1]) && rows[end + 1].kind.find("Pool") == std::string::npos)
    ++end;
  return end;
}

/// The mean of each square of pixels.
Tensor shrink(const Tensor& maps, Index factor) {
  const auto [n, h, w] = maps.dims<3>();
  Tensor small = Tensor::zeros({n, h / factor, w / factor});
  for (Index c = 0; c < n; ++c)
    for (Index i = 0; i < h / factor * factor; ++i)
      for (Index j = 0; j < w / factor * factor; ++j)
        small.data()[(c * (h / factor) + i / factor) * (w / factor) + j / factor] +=
            maps.data()[(c * h + i) * w + j] / static_cast<float>(factor * factor);
  return small;
}

}  // namespace

std::vector<FeatureMaps> feature_maps(nn::Module& model, const Tensor& image) {
  auto* const network = dynamic_cast<nn::Container*>(&model);
  if (network == nullptr) return {};
  KeptLayers layers(*network);
  const std::vector<nn::SummaryRow> rows = nn::summarize(model, image.shape()).rows;
  const auto first = std::find_if(rows.begin(), rows.end(), is_convolution);
  if (first == rows.end()) return {};
  const auto last = std::find_if(rows.rbegin(), rows.rend(), is_convolution).base() - 1;
  std::vector<std::size_t> places{end_of_block(rows, static_cast<std::size_t>(first - rows.begin()))};
  if (last != first) places.push_back(end_of_block(rows, static_cast<std::size_t>(last - rows.begin())));

  std::vector<Tensor> outputs(places.size());
  for (std::size_t k = 0; k < places.size(); ++k) layers.keep(places[k], outputs[k]);
  {
    const EvaluationMode mode(model);
    (void)model.forward(image.to(nn::device_of(model)));
  }
  std::vector<FeatureMaps> found;
  for (std::size_t k = 0; k < places.size(); ++k) {
    const nn::SummaryRow& row = rows[places[k]];
    const auto [n, c, h, w] = outputs[k].dims<4>();
    found.push_back(
        {row.name.empty() ? row.kind : row.name + " (" + row.kind + ")", outputs[k].reshape({n * c, h, w})});
  }
  return found;
}

Tensor feature_picture(const Tensor& maps, Index count) {
  const auto [n, h, w] = maps.dims<3>();
  const Tensor chosen = maps.rows(0, std::min(n, count));
  const Index factor = (std::max(h, w) + map_side - 1) / map_side;
  return io::tile(factor > 1 ? shrink(chosen, std::min({factor, h, w})) : chosen,
                  {.gap = 2, .scale = std::max<Index>(1, map_side / std::max(h, w)), .background = 0.5F});
}

}  // namespace cnn
