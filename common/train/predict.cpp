// SPDX-License-Identifier: MIT
#include "common/train/predict.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <string>
#include <vector>

#include "common/data/background.hpp"
#include "common/data/data_loader.hpp"
#include "common/data/fashion_mnist.hpp"
#include "common/data/resize.hpp"
#include "common/io/console.hpp"
#include "common/io/image.hpp"
#include "common/nn/prepared.hpp"
#include "common/ops/softmax.hpp"
#include "common/train/console.hpp"

namespace cnn {
namespace {

constexpr Index dataset_side = 28;  // what the network was trained on has at most this much detail

/// The picture on the way of a training image: with the channels of one, for garments shrunk to 28 x 28 pixels, then through
/// a loader.
/// \param pixels  u8, [1, h, w] or [3, h, w]
/// \return        [1, channels, side, side]
Tensor as_training_image(Tensor pixels, const Run& run) {
  const Index side = run.options().image_size, channels = run.image_shape()[1];
  if (channels == 1) pixels = io::to_gray(pixels).reshape({1, pixels.shape()[1], pixels.shape()[2]});
  const Index kept = run.class_names() == data::class_names() ? dataset_side : side;
  const Tensor small = data::resize_bilinear(pixels, kept, kept);
  Tensor planes = Tensor::empty({1, channels, kept, kept}, {}, DType::u8);
  for (Index c = 0; c < channels; ++c)
    std::copy_n(small.pixels() + std::min(c, small.shape()[0] - 1) * kept * kept, kept * kept,
                planes.pixels() + c * kept * kept);
  return first_images({.images = planes, .labels = Tensor::zeros({1}, {}, DType::i64)}, 1, side);
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
  const io::Picture picture = io::read_picture(path);
  if (picture.lost_in_black) {
    warn(path.string() +
         " is dark on a transparent ground, which becomes black: the network sees nothing of it; save it "
         "without "
         "transparency, light on black");
  }
  const Tensor image = as_training_image(picture.pixels, run);
  if (run.class_names() == data::class_names() && data::has_light_background(image)) {
    warn(
        "the background is light; the network knows light garments on black: try it with its colours "
        "inverted");
  }
  nn::Prepared prepared(model);
  const Tensor logits = prepared.forward(image.to(nn::device_of(model)));
  const Tensor probabilities = ops::softmax(logits).to({});
  const auto p = probabilities.values();

  const std::vector<std::string>& names = run.class_names();
  std::vector<std::size_t> order(p.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return p[a] > p[b]; });
  for (const std::size_t k : order)
    io::print(fmt::format("{:<12} {:.4f}\n", k < names.size() ? names[k] : std::to_string(k), p[k]));
  const auto seen = run.file("predict_input.png");
  io::write_png(seen,
                io::upscale(image.reshape({image.shape()[1], side, side}), std::max<Index>(1, 224 / side)));
  io::print("wrote " + seen.string() + ": what the network saw\n");
}

}  // namespace cnn
