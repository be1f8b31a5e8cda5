// SPDX-License-Identifier: MIT
#include "chapters/02_padding_stride/show.hpp"

#include <fmt/ostream.h>

namespace cnn::padding_stride {
namespace {

void print_difference(float difference) {
  fmt::print("largest difference from ops::conv2d: {:.1e}\n", difference);
}

}  // namespace

void heading(std::string_view text) {
  static bool first = true;
  fmt::print("{}{}\n{:=<{}}\n", first ? "" : "\n", text, "", text.size());
  first = false;
}

void show(std::string_view name, const Matrix& values) {
  fmt::print("{} =\n{}\n", name, fmt::streamed(values));
}

void show(std::string_view name, const Matrix& ours, const Matrix& library) {
  show(name, ours);
  print_difference(largest_difference(ours, library));
}

void show_shapes(const Layer& layer, const Matrix& x) {
  const Matrix ours = comp_conv2d(layer, x);
  const auto [stride, padding] = layer.geometry;
  fmt::print("kernel {}, padding {}, stride {}: {} -> {}\n",
             to_string(size(layer.weight)), to_string(padding), to_string(stride),
             to_string(size(x)), to_string(size(ours)));
  print_difference(largest_difference(ours, library_conv2d(layer, x)));
}

void show_formula(Index k, Index p, Index s) {
  fmt::print(
      "n 8, k {}, s {}: padding {} on each side gives {}; padding {} in all gives "
      "{}\n",
      k, s, p, output_size(8, k, p, s), 2 * p, output_size_total(8, k, 2 * p, s));
}

void show_same_padding(Index k, const Matrix& x) {
  const Border border = same_padding(k);
  const Matrix padded = pad(x, border);
  const Layer layer{xt::ones<float>({k, k}), 0, {}};
  const Matrix ours = comp_conv2d(layer, padded);
  fmt::print("kernel {}: {} above, {} below: {} -> {}\n", to_string(Size2d(k)),
             border.top, border.bottom, to_string(size(x)), to_string(size(ours)));
  print_difference(largest_difference(ours, library_conv2d(layer, padded)));
}

}  // namespace cnn::padding_stride
