// SPDX-License-Identifier: MIT
#include "chapters/01_conv_layer/pictures.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "common/cnn.hpp"

namespace cnn::conv_layer {
namespace {

using Picture = xt::xtensor<float, 3>;  // red, green and blue: [3, h, w]

constexpr float background = 0.8F;
constexpr std::size_t gap = 8;  // pixels between pictures, and around them

// One value becomes a square of `scale` pixels.
Picture enlarged(const Tensor& colours, Index scale) {
  const Tensor large = io::upscale(colours, scale);
  return view<3>(large);
}

Picture signed_picture(const Matrix& values, Index scale, float limit) {
  return enlarged(io::diverging(from_xtensor(values), limit), scale);
}

Picture gray_picture(const Matrix& values, Index scale) {
  const Picture colours =
      xt::broadcast(values, {std::size_t{3}, values.shape(0), values.shape(1)});
  return enlarged(from_xtensor(colours), scale);
}

// Lays pictures out row by row; each has a cell as large as the largest of them.
void write_grid(const std::filesystem::path& file,
                const std::vector<Picture>& pictures, std::size_t columns) {
  std::size_t h = 0, w = 0;
  for (const Picture& picture : pictures) {
    h = std::max(h, picture.shape(1));
    w = std::max(w, picture.shape(2));
  }
  const std::size_t rows = (pictures.size() + columns - 1) / columns;
  Picture grid =
      background * xt::ones<float>({std::size_t{3}, rows * (h + gap) + gap,
                                    columns * (w + gap) + gap});
  for (std::size_t i = 0; i < pictures.size(); ++i) {
    const std::size_t top = i / columns * (h + gap) + gap;
    const std::size_t left = i % columns * (w + gap) + gap;
    const std::size_t bottom = top + pictures[i].shape(1),
                      right = left + pictures[i].shape(2);
    xt::view(grid, xt::all(), xt::range(top, bottom), xt::range(left, right)) =
        pictures[i];
  }
  io::write_png(file, from_xtensor(grid));
  fmt::print("wrote {}\n", file.string());
}

// The first test image of Fashion-MNIST, 0 to 1; nothing if the data set is not on this machine.
std::optional<Matrix> load_garment(const std::filesystem::path& folder) {
  if (folder.empty()) {
    try {
      data::find_fashion_mnist();
    } catch (const DataError&) {
      return std::nullopt;
    }
  }
  const Tensor images = data::load_fashion_mnist(folder, data::Split::test).images;
  const auto [n, h, w] = images.dims<3>();
  const std::array<std::size_t, 2> shape{static_cast<std::size_t>(h),
                                         static_cast<std::size_t>(w)};
  const auto pixels =
      xt::adapt(images.pixels(), shape[0] * shape[1], xt::no_ownership(), shape);
  return Matrix(xt::cast<float>(pixels) / 255.0F);
}

}  // namespace

void draw_edge_image(const std::filesystem::path& file) {
  const Matrix image = edge_image();
  write_grid(
      file,
      {gray_picture(image, 32), signed_picture(corr2d(image, {{1, -1}}), 32, 1)},
      2);
}

void draw_learning(const std::filesystem::path& file,
                   const std::vector<LearningStep>& course) {
  std::vector<Picture> frames;
  for (const LearningStep& step : course)
    frames.push_back(signed_picture(step.weight, 48, 1.5F));
  frames.push_back(signed_picture({{1, -1}}, 48, 1.5F));
  write_grid(file, frames, 7);
}

void draw_garment(const std::filesystem::path& file,
                  const std::filesystem::path& folder) {
  const std::optional<Matrix> garment = load_garment(folder);
  if (!garment) {
    fmt::print(
        "wrote no {}: Fashion-MNIST is not on this machine (./cnn doctor says how "
        "to get it)\n",
        file.filename().string());
    return;
  }
  const GarmentEdges edges = edges_of(*garment);
  write_grid(file,
             {gray_picture(*garment, 8), signed_picture(edges.vertical, 8, 0.6F),
              signed_picture(edges.horizontal, 8, 0.6F)},
             3);
}

}  // namespace cnn::conv_layer
