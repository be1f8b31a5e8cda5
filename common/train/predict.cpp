// SPDX-License-Identifier: MIT
#include "common/train/predict.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <numeric>

#include "common/data/data_loader.hpp"
#include "common/data/resize.hpp"
#include "common/io/image.hpp"
#include "common/ops/softmax.hpp"
#include "common/train/console.hpp"
#include "common/train/evaluate.hpp"

namespace cnn {
namespace {

constexpr Index dataset_side = 28;  // what the network was trained on has at most this much detail

/// The picture on the way of a training image: 28 x 28 gray pixels, then through a loader. [1, 1, side, side]
Tensor as_training_image(const Tensor& picture, Index side) {
  const auto [h, w] = picture.dims<2>();
  const Tensor small = data::resize_bilinear(picture.reshape({1, h, w}), dataset_side, dataset_side);
  return first_images({.images = small, .labels = Tensor::zeros({1}, {}, DType::i64)}, 1, side);
}

float mean(const Tensor& image) {
  const auto values = image.values();
  return static_cast<float>(std::accumulate(values.begin(), values.end(), 0.0) /
                            static_cast<double>(values.size()));
}

}  // namespace

Tensor first_images(const data::Dataset& images, Index count, Index side) {
  Rng unused(0);  // nothing is shuffled
  data::DataLoader loader(images.first(count), {.batch_size = count, .image_size = side}, unused);
  return loader.begin()->images;
}

void predict_picture(nn::Module& model, Run& run) {
  const auto& path = run.options().predict;
  if (path.empty()) return;
  const Index side = run.options().image_size;
  const Tensor image = as_training_image(io::read_png_gray(path), side);
  if (mean(image) > 0.5F) {
    warn("the picture is light; the network knows light garments on black: try it with its colours inverted");
  }
  const EvaluationMode mode(model);
  const Tensor logits = model.forward(image.to(device_of(model)));
  const Tensor probabilities = ops::softmax(logits).to({});
  const auto p = probabilities.values();

  std::array<std::size_t, 10> order;
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return p[a] > p[b]; });
  for (const std::size_t k : order) fmt::print("{:<12} {:.4f}\n", data::class_names()[k], p[k]);
  const auto seen = run.file("predict_input.png");
  io::write_png(seen, io::upscale(image.reshape({side, side}), std::max<Index>(1, 224 / side)));
  fmt::print("wrote {}: what the network saw\n", seen.string());
}

}  // namespace cnn
